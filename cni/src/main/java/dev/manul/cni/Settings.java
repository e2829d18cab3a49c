package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import dev.manul.cni.PodLink.Setting;
import dev.manul.netlink.NetworkNamespace;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Writes settings of the network namespace of the calling thread. */
final class Settings {

  private Settings() {}

  static void write(List<Setting> settings) {
    for (Setting setting : settings) {
      Path file = NetworkNamespace.sysctls().resolve(setting.name());
      try (FileOutputStream out = new FileOutputStream(file.toFile())) {
        out.write(setting.value().getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        throw new CniException(
            Code.KERNEL_FAILURE, "cannot set " + file + " to " + setting.value(), e.getMessage());
      }
    }
  }
}

package dev.manul.e2e.kube;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The certificates, keys and tokens of one cluster, as files in one directory: {@code ca.crt},
 * {@code apiserver.crt}, {@code kubelet-client.crt}, their keys, {@code sa.key}, {@code sa.pub} and
 * {@code tokens.csv}.
 */
final class ClusterKeys {

  private static final int TOKEN_OCTETS = 16;
  private static final String DAYS = "30";

  private final Path directory;
  private final Map<String, String> tokens = new LinkedHashMap<>();

  private ClusterKeys(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes all of them.
   *
   * @param names names and addresses for the server's certificate
   * @param users by user name, the groups each is in
   */
  static ClusterKeys make(Path directory, Set<String> names, Map<String, List<String>> users)
      throws IOException {
    Files.createDirectories(directory);
    var keys = new ClusterKeys(directory);
    keys.authority();
    keys.certificate("apiserver", "/CN=kube-apiserver", "serverAuth", names);
    keys.certificate(
        "kubelet-client",
        "/O=system:masters/CN=kube-apiserver-kubelet-client",
        "clientAuth",
        Set.of());
    keys.key("sa");
    keys.openssl("pkey", "-in", "sa.key", "-pubout", "-out", "sa.pub");
    keys.tokens(users);
    return keys;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  String token(String user) {
    String token = tokens.get(user);
    if (token == null) {
      throw new LabException("no user %s in this cluster; there are %s", user, tokens.keySet());
    }
    return token;
  }

  /** A kubeconfig of a user, for a server at {@code url}. */
  String kubeconfig(String user, String url) throws IOException {
    String authority = Base64.getEncoder().encodeToString(Files.readAllBytes(file("ca.crt")));
    return """
        apiVersion: v1
        kind: Config
        current-context: manul
        contexts:
          - name: manul
            context: {cluster: manul, user: "%s"}
        clusters:
          - name: manul
            cluster:
              server: "%s"
              certificate-authority-data: %s
        users:
          - name: "%s"
            user: {token: "%s"}
        """
        .formatted(user, url, authority, user, token(user));
  }

  private void authority() {
    key("ca");
    openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        "ca.key",
        "-subj",
        "/CN=manul-cluster",
        "-days",
        DAYS,
        "-addext",
        "keyUsage=critical,keyCertSign,digitalSignature",
        "-out",
        "ca.crt");
  }

  private void key(String name) {
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key");
  }

  private void certificate(String name, String subject, String usage, Set<String> names)
      throws IOException {
    key(name);
    Set<String> alternatives = new LinkedHashSet<>();
    for (String each : names) {
      alternatives.add((isAddress(each) ? "IP:" : "DNS:") + each);
    }
    String extensions = "extendedKeyUsage=" + usage + "\nkeyUsage=critical,digitalSignature\n";
    if (!alternatives.isEmpty()) {
      extensions += "subjectAltName=" + String.join(",", alternatives) + "\n";
    }
    Files.writeString(file(name + ".extensions"), extensions);
    openssl("req", "-new", "-key", name + ".key", "-subj", subject, "-out", name + ".csr");
    openssl(
        "x509",
        "-req",
        "-in",
        name + ".csr",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        DAYS,
        "-extfile",
        name + ".extensions",
        "-out",
        name + ".crt");
  }

  private static boolean isAddress(String text) {
    try {
      Address.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void tokens(Map<String, List<String>> users) throws IOException {
    var random = new SecureRandom();
    var lines = new StringBuilder();
    for (Map.Entry<String, List<String>> user : users.entrySet()) {
      byte[] octets = new byte[TOKEN_OCTETS];
      random.nextBytes(octets);
      String token = HexFormat.of().formatHex(octets);
      tokens.put(user.getKey(), token);
      lines.append(
          "%s,%s,%s,\"%s\"\n"
              .formatted(token, user.getKey(), user.getKey(), String.join(",", user.getValue())));
    }
    Files.writeString(file("tokens.csv"), lines, StandardCharsets.UTF_8);
  }

  private void openssl(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "openssl";
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      boolean fileName = argument.matches("[a-z-]+[.](key|crt|csr|pub|extensions)");
      command[i + 1] = fileName ? file(argument).toString() : argument;
    }
    Run.ok(command);
  }
}

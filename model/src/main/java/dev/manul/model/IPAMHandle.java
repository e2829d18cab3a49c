package dev.manul.model;

import java.util.List;
import java.util.Map;

/** Which blocks hold addresses of one owner, such as a pod, and how many each. */
public record IPAMHandle(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<IPAMHandle> KIND =
      new Kind<>(
          "IPAMHandle", "ipamhandles", false, IPAMHandle.class, List.of("ipamhandle", "handle"));

  public IPAMHandle {
    spec = spec == null ? new Spec(null, null, false) : spec;
  }

  @Override
  public Kind<IPAMHandle> kind() {
    return KIND;
  }

  @Override
  public IPAMHandle withMetadata(Metadata newMetadata) {
    return new IPAMHandle(newMetadata, spec);
  }

  public IPAMHandle withSpec(Spec newSpec) {
    return new IPAMHandle(metadata, newSpec);
  }

  /**
   * The counts.
   *
   * @param handleID the owner, as it was given
   * @param block from a block's CIDR to how many addresses of the owner are in it, in the order of
   *     the text
   * @param deleted to be read as absent
   */
  public record Spec(String handleID, Map<String, Integer> block, boolean deleted) {
    public Spec {
      handleID = Absent.text(handleID);
      block = Absent.map(block);
    }
  }
}

package dev.manul.model;

import java.util.List;

/** Addresses that are never given out unless asked for by name. */
public record IPReservation(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<IPReservation> KIND =
      new Kind<>(
          "IPReservation",
          "ipreservations",
          false,
          IPReservation.class,
          List.of("ipreservation", "reservation", "reservations"));

  public IPReservation {
    spec = spec == null ? new Spec(List.of()) : spec;
  }

  @Override
  public Kind<IPReservation> kind() {
    return KIND;
  }

  @Override
  public IPReservation withMetadata(Metadata newMetadata) {
    return new IPReservation(newMetadata, spec);
  }

  /**
   * What is reserved.
   *
   * @param reservedCIDRs a bare address stands for itself alone
   */
  public record Spec(List<Prefix> reservedCIDRs) {
    public Spec {
      reservedCIDRs = Absent.list(reservedCIDRs);
    }
  }
}

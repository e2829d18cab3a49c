package dev.manul.bgp.interop;

import java.util.List;

/** The daemons the matrix knows. */
enum Peer {
  BIRD_2("BIRD 2", false),
  FRR("FRR", false),
  GOBGP("GoBGP", false),
  OPENBGPD("OpenBGPD", false),
  EXABGP("ExaBGP", false),
  NEW_BIRD_2("BIRD 2", true),
  BIRD_3("BIRD 3", true),
  NEW_FRR("FRR", true),
  NEW_GOBGP("GoBGP", true),
  NEW_OPENBGPD("OpenBGPD", true),
  NEW_EXABGP("ExaBGP", true);

  private final String product;
  private final boolean newer;

  Peer(String product, boolean newer) {
    this.product = product;
    this.newer = newer;
  }

  /** What it is called in tables; unique. */
  String title() {
    return product + " of " + installation().suite();
  }

  private Installation installation() {
    return newer ? Installation.NEXT : Installation.HERE;
  }

  PeerDaemon on(Lab lab, Lab.Host host) {
    return switch (this) {
      case BIRD_2, NEW_BIRD_2 -> new BirdDaemon(lab, host, installation(), "/usr/sbin");
      case BIRD_3 -> new BirdDaemon(lab, host, installation(), "/bird3/usr/sbin");
      case FRR, NEW_FRR -> new FrrDaemon(lab, host, installation());
      case GOBGP, NEW_GOBGP -> new GobgpDaemon(lab, host, installation());
      case OPENBGPD, NEW_OPENBGPD -> new OpenbgpdDaemon(lab, host, installation());
      case EXABGP -> new ExabgpDaemon(lab, host, installation(), List.of("exabgp"));
      case NEW_EXABGP ->
          new ExabgpDaemon(lab, host, installation(), List.of("python3", "-m", "exabgp"));
    };
  }
}

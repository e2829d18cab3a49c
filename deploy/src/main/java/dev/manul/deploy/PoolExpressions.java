package dev.manul.deploy;

/** The rules of an IPPool in CEL, for servers that know it. */
final class PoolExpressions {

  private static final String IPV6 = "self.cidr.contains(':')";
  private static final String NO_IPIP = "(!has(self.ipipMode) || self.ipipMode == 'Never')";
  private static final String NO_VXLAN = "(!has(self.vxlanMode) || self.vxlanMode == 'Never')";
  private static final String NO_UDP = "(!has(self.udpMode) || self.udpMode == 'Never')";
  private static final String SIZED = "has(self.blockSize) && self.blockSize != 0";
  private static final String FOR_LOAD_BALANCERS =
      "self.allowedUses.exists(use, use == 'LoadBalancer')";

  private PoolExpressions() {}

  /** The size of blocks in force: as given, or the family's. */
  private static String size(String pool) {
    return "(has(P.blockSize) && P.blockSize != 0 ? P.blockSize : (P.cidr.contains(':') ? 122 : 26))"
        .replace("P.", pool + ".");
  }

  /** The facts with the rules on the {@code spec}. */
  static FieldFacts on(FieldFacts facts) {
    return facts
        .rule(
            NO_IPIP + " || " + NO_VXLAN,
            "only one of ipipMode and vxlanMode may be other than Never")
        .rule(
            NO_UDP + " || " + NO_IPIP + " && " + NO_VXLAN,
            "with a udpMode, ipipMode and vxlanMode must be Never")
        .rule("!" + IPV6 + " || " + NO_IPIP, "ipipMode must be Never in an IPv6 pool")
        .rule(
            "!("
                + SIZED
                + ") || ("
                + IPV6
                + " ? self.blockSize >= 116 && self.blockSize <= 128"
                + " : self.blockSize >= 20 && self.blockSize <= 32)",
            "blockSize must be within 20 and 32, in an IPv6 pool within 116 and 128")
        .rule(
            "self.disabled || " + size("self") + " >= int(self.cidr.split('/')[1])",
            "blocks must not be larger than the pool")
        .rule(size("self") + " == " + size("oldSelf"), "blockSize cannot be changed")
        .rule(
            "self.allowedUses.all(use, self.allowedUses.exists_one(other, other == use))",
            "allowedUses may name a use once")
        .rule(
            "!" + FOR_LOAD_BALANCERS + " || size(self.allowedUses) == 1",
            "the use LoadBalancer must stand alone")
        .rule(
            "!"
                + FOR_LOAD_BALANCERS
                + " || self.nodeSelector in ['', 'all()'] && "
                + NO_IPIP
                + " && "
                + NO_VXLAN
                + " && "
                + NO_UDP
                + " && !self.disableBGPExport",
            "a pool for LoadBalancer must select all() nodes, be exported and not encapsulate")
        .rule(
            FOR_LOAD_BALANCERS + " == " + FOR_LOAD_BALANCERS.replace("self.", "oldSelf."),
            "a pool cannot be changed to or from the use LoadBalancer")
        .rule(
            "!has(self.namespaceSelector) || self.namespaceSelector == ''"
                + " || !self.allowedUses.exists(use, use == 'Tunnel')",
            "namespaceSelector cannot be combined with the use Tunnel");
  }
}

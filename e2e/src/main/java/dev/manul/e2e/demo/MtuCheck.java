package dev.manul.e2e.demo;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.KernelRoutes;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Subnets;
import dev.manul.e2e.lab.Topology;
import dev.manul.e2e.lab.Transfer;
import dev.manul.e2e.lab.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shows and judges what becomes of packets that are too long for a tunnel, on a lab that is up: the
 * sender is told the right MTU, and a TCP connection goes on, also when the MTU of the nodes' links
 * is lowered meanwhile. Leaves the links as it found them and the pool in the last mode.
 */
public final class MtuCheck {

  /** How packets are carried. */
  public enum Way {
    DIRECT("Never", "Never", "Never", "eth0", 0),
    IPIP("Always", "Never", "Never", "tunl0", 20),
    VXLAN("Never", "Always", "Never", "vxlan.calico", 50),
    UDP("Never", "Never", "Always", "manul-udp", 28);

    private final String patch;
    private final String device;
    private final int overhead;

    Way(String ipip, String vxlan, String udp, String device, int overhead) {
      this.patch =
          "{\"spec\":{\"ipipMode\":\"%s\",\"vxlanMode\":\"%s\",\"udpMode\":\"%s\"}}"
              .formatted(ipip, vxlan, udp);
      this.device = device;
      this.overhead = overhead;
    }

    /** The change of an IPPool that makes its packets go this way. */
    public String patch() {
      return patch;
    }

    /** By which packets to pods of other nodes leave. */
    public String device() {
      return device;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String POOL = "default-ipv4-ippool";
  private static final String NIC = "eth0";
  private static final int USUAL = 1500;
  private static final int LOWERED = 1400;

  /** The headers of IPv4 and ICMP in an echo request. */
  private static final int ECHO_HEADERS = 28;

  private static final int OCTETS = 4 << 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern REPORTED = Pattern.compile("mtu ?= ?(\\d+)");

  private final Lab lab;
  private final Progress progress;
  private final List<String> failures = new ArrayList<>();
  private final List<MtuReport.Finding> findings = new ArrayList<>();

  public MtuCheck(Lab lab, Progress progress) {
    this.lab = lab;
    this.progress = progress;
  }

  /** Tries each way in turn. */
  public MtuReport run(List<Way> ways) {
    try {
      ways.forEach(this::look);
    } finally {
      links(USUAL);
    }
    return new MtuReport(
        failures.isEmpty() ? "pass" : "fail", List.copyOf(failures), List.copyOf(findings));
  }

  private void look(Way way) {
    Topology.Machine first = lab.topology().nodes().getFirst();
    boolean near = way == Way.DIRECT; // routers of the lab know no pods
    Pod from = lab.pod(first.name(), 0);
    Pod to =
        lab.pods().stream()
            .filter(pod -> !pod.node().equals(first.name()))
            .filter(pod -> Subnets.same(lab.topology(), first.name(), pod.node()) == near)
            .findFirst()
            .orElseThrow();
    links(USUAL);
    lab.manulctl(first.name(), "patch", "ippool", POOL, "-p", way.patch()).orThrow();
    Waiting.until("routes over " + way.device(), LIMIT, progress, () -> elsewhere(way, from, to));
    List<Pod> both = List.of(from, to);
    both.forEach(pod -> widen(pod, USUAL));
    Waiting.until(
        "an answer", LIMIT, progress, () -> ping(from, to, 0) ? List.of() : both(from, to));
    try (Transfer transfer = Transfer.open(from, to)) {
      for (int mtu : List.of(USUAL, LOWERED)) {
        links(mtu);
        int expected = mtu - way.overhead;
        Waiting.until(
            "MTU %d of %s".formatted(expected, way.device()),
            LIMIT,
            progress,
            () -> otherMtus(way, expected));
        both.forEach(this::forget);
        judge(finding(way, from, to, mtu, expected, transfer));
      }
    }
    both.forEach(pod -> widen(pod, USUAL - Way.IPIP.overhead)); // as they were
  }

  private MtuReport.Finding finding(
      Way way, Pod from, Pod to, int linkMtu, int deviceMtu, Transfer transfer) {
    // The transfer first: it has to find out by itself.
    double seconds = transfer.send(OCTETS, LIMIT).toMillis() / 1000.0;
    Run large = echo(from, to, USUAL, 3);
    Matcher reported = REPORTED.matcher(large.output());
    return new MtuReport.Finding(
        way.toString(),
        way.device(),
        linkMtu,
        deviceMtu,
        large.status() == 0,
        reported.find() ? Integer.parseInt(reported.group(1)) : 0,
        ping(from, to, deviceMtu),
        seconds);
  }

  private void judge(MtuReport.Finding finding) {
    findings.add(finding);
    progress.done(finding.toString());
    boolean fits = finding.deviceMtu() >= USUAL;
    expect(finding.answered() == fits, finding, "a ping of 1500 octets");
    expect(finding.reported() == (fits ? 0 : finding.deviceMtu()), finding, "the MTU reported");
    expect(finding.fitting(), finding, "a ping that fits");
  }

  private void expect(boolean right, MtuReport.Finding finding, String what) {
    if (!right) {
      failures.add(what + ": " + finding);
    }
  }

  private static List<String> both(Pod from, Pod to) {
    return List.of(from.name() + " > " + to.name());
  }

  /** The nodes of two pods whose route to the other is not over a way's device. */
  private List<String> elsewhere(Way way, Pod one, Pod other) {
    List<String> elsewhere = new ArrayList<>();
    for (Pod[] pair : new Pod[][] {{one, other}, {other, one}}) {
      Optional<String> device =
          KernelRoutes.of(lab.topology().machine(pair[0].node()).namespace())
              .ours(pair[1].address())
              .flatMap(KernelRoutes::device);
      if (!device.equals(Optional.of(way.device()))) {
        elsewhere.add(pair[0].node() + ": " + device.orElse("no route"));
      }
    }
    return elsewhere;
  }

  private List<String> otherMtus(Way way, int expected) {
    List<String> others = new ArrayList<>();
    for (Topology.Machine node : lab.topology().nodes()) {
      String link = Run.ok("ip", "-netns", node.namespace(), "link", "show", way.device());
      if (!link.contains(" mtu " + expected + " ")) {
        others.add(node.name() + ": " + link.lines().findFirst().orElse(""));
      }
    }
    return others;
  }

  private void links(int mtu) {
    for (Topology.Machine node : lab.topology().nodes()) {
      Run.ip(node.namespace(), List.of("link set %s mtu %d".formatted(NIC, mtu)));
    }
  }

  /** Gives both ends of a pod's link an MTU. */
  private void widen(Pod pod, int mtu) {
    Run.ip(node(pod), List.of("link set %s mtu %d".formatted(pod.device(), mtu)));
    Run.ip(pod.networkNamespace(), List.of("link set eth0 mtu %d".formatted(mtu)));
    forget(pod);
  }

  /** Has the kernel forget what it was told of MTUs of paths. */
  private void forget(Pod pod) {
    Run.ok("ip", "-netns", pod.networkNamespace(), "route", "flush", "cache");
    Run.ok("ip", "-netns", node(pod), "route", "flush", "cache");
  }

  private String node(Pod pod) {
    return lab.topology().machine(pod.node()).namespace();
  }

  /** Whether one of three pings is answered; 0 octets for the least there are. */
  private static boolean ping(Pod from, Pod to, int octets) {
    return echo(from, to, Math.max(octets, ECHO_HEADERS), 3).status() == 0;
  }

  /** Pings with packets of so many octets that must not be cut up. */
  private static Run echo(Pod from, Pod to, int octets, int count) {
    List<String> words = new ArrayList<>(List.of("ping", "-n", "-M", "do", "-i", "0.2", "-W", "2"));
    words.addAll(List.of("-c", Integer.toString(count)));
    words.addAll(List.of("-s", Integer.toString(octets - ECHO_HEADERS), to.address()));
    Run run = Run.of(Run.inNamespace(from.networkNamespace(), words));
    if (run.status() > 1 && !run.output().contains("mtu")) {
      throw new LabException("%s: %s", String.join(" ", run.command()), run.output().strip());
    }
    return run;
  }
}

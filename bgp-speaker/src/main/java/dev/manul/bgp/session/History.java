package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.NeighborDetail;
import dev.manul.bgp.NeighborDetail.FaultCount;
import dev.manul.bgp.NeighborDetail.FaultKind;
import dev.manul.bgp.NeighborDetail.MalformedMessage;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.rib.RibPeer;
import dev.manul.bgp.wire.AttributeFault;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Octets;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has become of a neighbour since the speaker knows it: errors, counters, capabilities. */
final class History {
  private static final Logger log = LoggerFactory.getLogger(History.class);

  /** How long what the kernel has dropped explains why nobody answers. */
  private static final long TROUBLE_NANOS = 60_000_000_000L;

  /** A neighbour that thinks of ever new reasons is not to fill the log. */
  private static final int MOST_LOGGED = 20;

  private static final String SILENCE = Session.TIMED_OUT;

  private static final Comparator<FaultCount> ORDER =
      Comparator.comparing(FaultCount::kind).thenComparingInt(FaultCount::attribute);

  private final Address address;
  private final Scheduler scheduler;

  Instant since;
  String lastError = "";
  Optional<Instant> lastErrorAt = Optional.empty();
  Optional<Ipv4Address> remoteId = Optional.empty();
  Optional<String> hostName = Optional.empty();
  Optional<String> lastShutdown = Optional.empty();
  Optional<MalformedMessage> lastMalformed = Optional.empty();
  List<Capability> sent = List.of();
  List<Capability> received = List.of();
  int flaps;
  long messagesIn;
  long messagesOut;
  long updatesIn;
  long updatesOut;
  long malformed;

  private final Map<Fault, Long> faults = new HashMap<>();

  /** Reasons that are in the log already. */
  private final Set<String> logged = new HashSet<>();

  private String signatureTrouble = "";
  private long signatureTroubleAt;

  private record Fault(FaultKind kind, int attribute) {}

  History(Address address, Scheduler scheduler) {
    this.address = address;
    this.scheduler = scheduler;
    this.since = scheduler.now();
  }

  /**
   * Why a session or an attempt has ended. Of attempts each reason is logged once, until a session
   * comes up.
   */
  void note(String reason, boolean wasUp) {
    boolean silence = reason.startsWith(SILENCE);
    boolean explained =
        !signatureTrouble.isEmpty() && scheduler.nanos() - signatureTroubleAt <= TROUBLE_NANOS;
    lastError = silence && explained ? reason + "; " + signatureTrouble : reason;
    lastErrorAt = Optional.of(scheduler.now());
    if (!wasUp && logged.size() < MOST_LOGGED && logged.add(lastError)) {
      log.info("session does not come up peer={} reason=\"{}\"", address, lastError);
    }
  }

  /** The kernel has dropped what may have come from this neighbour. */
  void noteSignatures(String trouble) {
    boolean unexplained =
        lastError.isEmpty() || lastError.equals(signatureTrouble) || lastError.startsWith(SILENCE);
    signatureTrouble = trouble;
    signatureTroubleAt = scheduler.nanos();
    if (unexplained) {
      note(lastError.startsWith(SILENCE) ? SILENCE : trouble, false);
    }
  }

  void noteEstablished() {
    signatureTrouble = "";
    logged.clear();
  }

  void noteReceived(Notification notification) {
    Notifications.message(notification).ifPresent(text -> lastShutdown = Optional.of(text));
  }

  void noteCapabilities(List<Capability> announced) {
    received = announced;
    hostName = Optional.empty();
    for (Capability capability : announced) {
      if (capability instanceof Capability.HostName(String host, String domain)) {
        String name = domain.isEmpty() ? host : host + "." + domain;
        hostName = Optional.of(name.replaceAll("\\p{Cntrl}", " "));
      }
    }
  }

  /** A message that ended the session. */
  void malformed(Notification answer, String reason, Octets message) {
    FaultKind kind =
        switch (answer.code()) {
          case 2 -> FaultKind.OPEN;
          case 3 -> FaultKind.UPDATE;
          case 7 -> FaultKind.ROUTE_REFRESH;
          default -> FaultKind.HEADER;
        };
    count(kind, 0, reason, message);
  }

  /** Something in an UPDATE. */
  void malformed(AttributeFault fault, Octets message) {
    count(FaultKind.of(fault.action()), fault.type(), fault.reason(), message);
  }

  /** Logs the first fault of a kind, the tenth, the hundredth and so on. */
  private void count(FaultKind kind, int attribute, String reason, Octets message) {
    malformed++;
    long count = faults.merge(new Fault(kind, attribute), 1L, Long::sum);
    lastMalformed = Optional.of(new MalformedMessage(scheduler.now(), kind, reason, message));
    if (isPowerOfTen(count)) {
      log.warn(
          "malformed message peer={} kind={} attribute={} reason=\"{}\" count={}",
          address,
          kind,
          attribute,
          reason,
          count);
    }
  }

  static boolean isPowerOfTen(long count) {
    long rest = count;
    while (rest >= 10 && rest % 10 == 0) {
      rest /= 10;
    }
    return rest == 1;
  }

  List<FaultCount> faults() {
    return faults.entrySet().stream()
        .map(e -> new FaultCount(e.getKey().kind(), e.getKey().attribute(), e.getValue()))
        .sorted(ORDER)
        .toList();
  }

  static int keepaliveTime(NeighborConfiguration configuration, int holdTime) {
    return holdTime == 0
        ? 0
        : Math.max(1, Math.min(holdTime / 3, configuration.keepaliveTime().orElse(holdTime)));
  }

  /** A snapshot of the neighbour. */
  NeighborStatus status(
      NeighborConfiguration configuration,
      long asNumber,
      Session main,
      RibPeer ribPeer,
      RouteExchange routes,
      Rest rest) {
    boolean up = main.state() == State.ESTABLISHED;
    Negotiated agreed = main.negotiated();
    return new NeighborStatus(
        address,
        configuration.port(),
        configuration.description(),
        configuration.asNumber(),
        configuration.localAsNumber().orElse(asNumber),
        main.state(),
        since,
        lastError,
        lastErrorAt,
        Optional.ofNullable(main.link()).map(Link::localAddress),
        remoteId,
        up ? agreed.holdTime() : 0,
        up ? keepaliveTime(configuration, agreed.holdTime()) : 0,
        sent,
        received,
        up ? agreed.families() : List.of(),
        up && !agreed.keepable().isEmpty(),
        ribPeer.hasStale(),
        up && routes.complete(),
        ribPeer.received(),
        ribPeer.accepted(),
        ribPeer.advertised(),
        flaps,
        messagesIn,
        messagesOut,
        updatesIn,
        updatesOut,
        malformed,
        new NeighborDetail(
            up ? agreed.features() : NeighborDetail.Features.NONE,
            hostName,
            faults(),
            lastMalformed,
            lastShutdown,
            configuration.shutdown(),
            rest.until(),
            routes.longLivedFamilies()));
  }

  /** Counts one message from the wire, which an UPDATE of both families makes several of. */
  void countReceived(List<BgpMessage> parts) {
    messagesIn++;
    if (!parts.isEmpty() && isUpdate(parts.getFirst())) {
      updatesIn++;
    }
  }

  void countSent(List<BgpMessage> messages) {
    messagesOut += messages.size();
    for (BgpMessage message : messages) {
      if (isUpdate(message)) {
        updatesOut++;
      }
    }
  }

  void countSentUpdates(int updates) {
    messagesOut += updates;
    updatesOut += updates;
  }

  private static boolean isUpdate(BgpMessage message) {
    return message instanceof BgpMessage.Update || message instanceof BgpMessage.EndOfRib;
  }
}

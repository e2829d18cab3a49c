package dev.manul.routes;

import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Errno;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what plans say about one tunnel device, and is patient where the kernel refuses. Owned by
 * one thread.
 */
final class TunnelDevice {

  private static final Logger log = LoggerFactory.getLogger(TunnelDevice.class);

  private final String name;
  private final String remedy;
  private final Kernel kernel;
  private final LongSupplier nanoTime;
  private Optional<BackOff> backOff = Optional.empty();
  private List<Change> lastChanges = List.of();
  private List<RouteIssue> issues = List.of();

  /**
   * @param remedy what people can do when the kernel does not know such devices, a clause
   */
  TunnelDevice(String name, String remedy, Kernel kernel, LongSupplier nanoTime) {
    this.name = name;
    this.remedy = remedy;
    this.kernel = kernel;
    this.nanoTime = nanoTime;
  }

  /** What was refused may be granted now. */
  void tryAgain() {
    backOff = Optional.empty();
  }

  /**
   * Makes the changes that a plan wants before routes are written.
   *
   * @param issue what keeps the plan from wanting any
   * @return whether anything was changed, so that links and routes have to be read again
   */
  boolean setUp(List<Change> changes, Optional<RouteIssue> issue) {
    if (changes.isEmpty()) {
      backOff = Optional.empty();
      lastChanges = List.of();
      issues = issue.stream().toList();
      return false;
    }
    if (backOff.isPresent() && !backOff.get().isDue(nanoTime.getAsLong())) {
      return false;
    }
    ApplyReport report = kernel.apply(changes);
    List<RouteIssue> found = new ArrayList<>();
    boolean exists = false;
    for (ApplyReport.Failure failure : report.failures()) {
      // What exists after all will be seen at the next reading, unless it stays hidden.
      if (failure.errno().equals(Errno.EEXIST) && backOff.isEmpty()) {
        exists = true;
      } else {
        found.add(issueOf(failure));
      }
    }
    issues = List.copyOf(found);
    boolean anyDone = report.failures().size() < changes.size();
    boolean inVain = !report.ok() || changes.equals(lastChanges);
    lastChanges = report.ok() ? changes : List.of();
    backOff =
        inVain
            ? Optional.of(BackOff.after(backOff.orElse(null), nanoTime.getAsLong()))
            : Optional.empty();
    log.info(
        "event=tunnel_set_up device={} changes={} failures={}",
        name,
        changes.size(),
        report.failures());
    return anyDone || exists;
  }

  /**
   * Makes the changes that a plan wants after routes are written.
   *
   * @return whether any was done
   */
  boolean clean(List<Change> changes) {
    ApplyReport report = kernel.apply(changes);
    log.info(
        "event=tunnel_cleaned device={} changes={} failures={}",
        name,
        changes.size(),
        report.failures());
    return report.failures().size() < changes.size();
  }

  private RouteIssue issueOf(ApplyReport.Failure failure) {
    boolean creating = failure.change() instanceof Change.CreateLink;
    String answer =
        failure.errno() + (failure.message().isEmpty() ? "" : " (" + failure.message() + ")");
    return creating
        ? RouteIssue.ofNode(
            Reason.TUNNEL_DEVICE_MISSING,
            "device " + name + " is not there and could not be created: " + answer + "; " + remedy)
        : RouteIssue.ofNode(
            Reason.TUNNEL_DEVICE_FAILING, "device " + name + " could not be set up: " + answer);
  }

  /** What is wrong with it. */
  List<RouteIssue> issues() {
    return issues;
  }

  /** When the kernel is to be asked again; empty when it has refused nothing. */
  OptionalLong dueNanos() {
    return backOff.isPresent() ? OptionalLong.of(backOff.get().dueNanos()) : OptionalLong.empty();
  }
}

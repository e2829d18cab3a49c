package dev.manul.bgp.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A BGP daemon of another hand on a host of a lab, with the same handles whichever it is. */
abstract class PeerDaemon {
  private static final ObjectMapper JSON = new ObjectMapper();

  final Lab lab;
  final Lab.Host host;
  final Installation installation;
  final List<Process> running = new ArrayList<>();

  PeerDaemon(Lab lab, Lab.Host host, Installation installation) {
    this.lab = lab;
    this.host = host;
    this.installation = installation;
  }

  /** What the program itself gives as its version. */
  abstract String version();

  /**
   * Starts it and waits until it answers.
   *
   * @param restarted whether to say so to the neighbours, if it can (RFC 4724)
   */
  abstract void start(PeerPlan plan, boolean restarted) throws IOException;

  /** Makes a running daemon announce what the plan says; all else in the plan is as it was. */
  abstract void announceOnly(PeerPlan plan) throws IOException;

  /** Every route to a prefix that it has learned. */
  abstract List<SeenRoute> routes(String prefix);

  /** Lets it ask a neighbour to send all its routes again (RFC 2918). */
  abstract void askForRoutes(String neighbor) throws IOException;

  /** Why it cannot be made to ask; empty when it can. */
  Optional<String> neverAsks() {
    return Optional.empty();
  }

  /** Whether it tells a neighbour of what it has learned from another. */
  boolean passesRoutesOn() {
    return true;
  }

  /** A name for its files in the lab. */
  String file(String suffix) {
    return "host" + host.number() + "." + suffix;
  }

  boolean has(String prefix) {
    return !routes(prefix).isEmpty();
  }

  Process launch(String log, List<String> command) throws IOException {
    Process process = lab.start(host, log, installation.command(command));
    running.add(process);
    return process;
  }

  String ask(List<String> command) {
    return lab.ask(host, installation.command(command));
  }

  String ask(String... command) {
    return ask(List.of(command));
  }

  /** What a program answers in JSON; a missing node when it does not. */
  JsonNode json(String... command) {
    try {
      JsonNode answer = JSON.readTree(ask(command));
      return answer == null ? MissingNode.getInstance() : answer;
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  static Set<String> texts(JsonNode list) {
    Set<String> texts = new LinkedHashSet<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  static Set<String> words(String text) {
    return text.isBlank() ? Set.of() : new LinkedHashSet<>(List.of(text.strip().split("\\s+")));
  }

  /** SIGKILL to all of it. */
  void kill() {
    running.forEach(lab::kill);
    running.clear();
  }

  /** Stops it where it is, so that it neither reads nor writes nor closes anything. */
  void freeze() throws IOException {
    signalAll("STOP");
  }

  void thaw() throws IOException {
    signalAll("CONT");
  }

  private void signalAll(String name) throws IOException {
    for (Process process : running) {
      for (ProcessHandle child : process.descendants().toList()) {
        Lab.signal(name, child);
      }
      Lab.signal(name, process.toHandle());
    }
  }
}

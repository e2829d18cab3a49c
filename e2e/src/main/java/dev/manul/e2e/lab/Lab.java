package dev.manul.e2e.lab;

import dev.manul.datastore.Datastore;
import dev.manul.e2e.LabException;
import dev.manul.model.AgentStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** A lab that is up in the kernel this program runs on. One at a time, for one user at a time. */
public final class Lab {

  private static final int PODS_PER_NODE = 2;
  private static final Duration READY_LIMIT = Duration.ofMinutes(6);

  private final LabDirectory directory;
  private final Path programs;
  private final Topology topology;
  private final Fabric fabric;
  private final ClusterStore store;
  private LabDirectory.State state;

  private Lab(
      LabDirectory directory,
      Path programs,
      Topology topology,
      ClusterStore store,
      LabDirectory.State state) {
    this.directory = directory;
    this.programs = programs;
    this.topology = topology;
    this.fabric = new Fabric(topology);
    this.store = store;
    this.state = state;
  }

  /** As the other, with the cluster's state in files. */
  public static Lab up(Path directory, Path programs, Path topologyFile, Progress progress) {
    return up(directory, programs, topologyFile, fileStore(directory), progress);
  }

  private static ClusterStore fileStore(Path directory) {
    return new FileStore(new LabDirectory(directory).datastore());
  }

  /**
   * Builds a lab, starts its agents and attaches its pods. Routes need not have spread yet; see
   * {@link Convergence}.
   *
   * @param directory where it keeps its files, which must not hold a lab yet
   * @param programs the directory of manul-agent and manulctl
   * @param store where the cluster's state is kept; the caller closes it
   */
  public static Lab up(
      Path directory, Path programs, Path topologyFile, ClusterStore store, Progress progress) {
    var files = new LabDirectory(directory);
    if (files.read().isPresent()) {
      throw new LabException("a lab is up already: end it with ./dev lab down");
    }
    Topology topology = TopologyReader.read(topologyFile);
    files.create(topology);
    var state =
        new LabDirectory.State(topologyFile.toAbsolutePath().toString(), Map.of(), List.of());
    files.write(state);
    var lab = new Lab(files, programs, topology, store, state);
    lab.fabric.build();
    lab.fabric.runCommands();
    progress.done(
        "%d machines and %d bridges, joined by %d links"
            .formatted(
                topology.machines().size(), topology.bridges().size(), topology.links().size()));
    store.machinesWired(topology, progress);
    lab.writeEntrances();
    lab.applyResources();
    lab.startAgents(progress);
    lab.attachPods();
    progress.done("%d pods attached".formatted(lab.pods().size()));
    return lab;
  }

  /** The lab that is up, or empty. Its cluster's state is taken to be in files. */
  public static Optional<Lab> open(Path directory, Path programs) {
    var files = new LabDirectory(directory);
    return files
        .read()
        .map(
            state ->
                new Lab(
                    files,
                    programs,
                    TopologyReader.read(Path.of(state.topology())),
                    fileStore(directory),
                    state));
  }

  /** Resources that belong to a topology lie beside it, in a directory named as it is. */
  private void applyResources() {
    Path resources = topology.beside("resources.yaml");
    if (Files.exists(resources)) {
      manulctl(topology.nodes().getFirst().name(), "apply", "-f", resources.toString()).orThrow();
    }
  }

  /** Small programs, one a machine, that run a command there: what {@code ./dev lab exec} calls. */
  private void writeEntrances() {
    for (Topology.Machine machine : topology.machines()) {
      StringBuilder script = new StringBuilder("#!/bin/sh\nexec");
      command(machine.name(), List.of()).forEach(word -> script.append(' ').append(quoted(word)));
      directory.writeEntrance(machine.name(), script.append(" \"$@\"\n").toString());
    }
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private void startAgents(Progress progress) {
    long start = System.nanoTime();
    for (Topology.Machine node : topology.nodes()) {
      ProcessHandle agent = AgentProcess.start(directory, store, node, program("manul-agent"));
      rememberAgent(node.name(), new LabDirectory.Agent(agent.pid(), -1));
    }
    Duration taken = Waiting.until("agents ready", READY_LIMIT, progress, () -> unready(start));
    store.agentsReady(topology);
    progress.done(
        "%d agents ready in %.1f s".formatted(topology.nodes().size(), taken.toMillis() / 1000.0));
  }

  private List<String> unready(long start) {
    List<String> unready = new ArrayList<>();
    for (Topology.Machine node : topology.nodes()) {
      LabDirectory.Agent agent = state.agents().get(node.name());
      if (agent.readyMillis() >= 0) {
        continue;
      }
      if (ProcessHandle.of(agent.pid()).filter(ProcessHandle::isAlive).isEmpty()) {
        throw new LabException(
            "%s: its agent has ended; its log ends%n%s", node.name(), logEnd(node.name()));
      }
      if (status(node.name()).filter(AgentStatus::ready).isPresent()) {
        long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        rememberAgent(node.name(), new LabDirectory.Agent(agent.pid(), taken));
      } else {
        unready.add(node.name());
      }
    }
    return unready;
  }

  private void rememberAgent(String node, LabDirectory.Agent agent) {
    Map<String, LabDirectory.Agent> agents = new LinkedHashMap<>(state.agents());
    agents.put(node, agent);
    state = new LabDirectory.State(state.topology(), agents, state.pods());
    directory.write(state);
  }

  private void attachPods() {
    Map<String, List<String>> names = new LinkedHashMap<>();
    topology.nodes().forEach(node -> names.put(node.name(), podNames(node)));
    store.podsScheduled(names);
    List<Pod> pods = new ArrayList<>();
    try (Datastore datastore = store.open()) {
      Path plugin = topology.beside("cni.json").toAbsolutePath();
      BiFunction<Topology.Machine, String, Pod> network =
          Files.exists(plugin)
              ? new PluginPods(directory, programs.resolveSibling("cni/manul"), plugin)::attach
              : new PodNetwork(datastore)::attach;
      for (Topology.Machine node : topology.nodes()) {
        names.get(node.name()).forEach(name -> pods.add(network.apply(node, name)));
      }
    }
    store.podsRunning(pods);
    state = new LabDirectory.State(state.topology(), state.agents(), pods);
    directory.write(state);
  }

  /** Ends a lab, whatever state it is in: its processes, its namespaces, its files. */
  public static void down(Path directory) {
    var files = new LabDirectory(directory);
    Optional<LabDirectory.State> state = files.read();
    if (state.isPresent()) {
      Topology topology = TopologyReader.read(Path.of(state.get().topology()));
      List<String> mine = new ArrayList<>(Fabric.namespaces(topology));
      for (Topology.Machine node : topology.nodes()) {
        podNames(node).forEach(pod -> mine.add(Pod.networkNamespaceOf(pod)));
      }
      mine.forEach(Lab::endNamespace);
    }
    files.delete();
  }

  private static void endNamespace(String namespace) {
    Run processes = Run.of(List.of("ip", "netns", "pids", namespace));
    if (processes.status() == 0) {
      for (String pid : processes.lines()) {
        ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
      }
      Run.of(List.of("ip", "netns", "delete", namespace));
    }
  }

  private static List<String> podNames(Topology.Machine node) {
    return IntStream.range(0, PODS_PER_NODE).mapToObj(i -> node.name() + "-" + i).toList();
  }

  public ClusterStore store() {
    return store;
  }

  public Topology topology() {
    return topology;
  }

  public List<Pod> pods() {
    return state.pods();
  }

  /** The {@code number}th pod of a node, from 0. */
  public Pod pod(String node, int number) {
    return pods().stream().filter(pod -> pod.node().equals(node)).toList().get(number);
  }

  /** What a node's agent says of itself; empty when none answers. */
  public Optional<AgentStatus> status(String node) {
    return AgentSocket.status(directory.controlSocket(node));
  }

  /** How long a node's agent took to be ready when it was last started. */
  public Duration readyTime(String node) {
    return Duration.ofMillis(state.agents().get(node).readyMillis());
  }

  public double residentMiB(String node) {
    return AgentProcess.residentMiB(state.agents().get(node).pid());
  }

  public long agentPid(String node) {
    return state.agents().get(node).pid();
  }

  /** The last lines of an agent's log. */
  public String logEnd(String node) {
    try {
      List<String> lines = Files.readAllLines(directory.log(node));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** Ends a node's agent as a crash would, and returns when it is gone. */
  public void killAgent(String node) {
    ProcessHandle.of(agentPid(node))
        .ifPresent(
            agent -> {
              agent.destroyForcibly();
              agent.onExit().join();
            });
  }

  /** Starts a node's agent again and waits until it is ready. */
  public Duration restartAgent(String node, Progress progress) {
    long start = System.nanoTime();
    ProcessHandle agent =
        AgentProcess.start(directory, store, topology.machine(node), program("manul-agent"));
    rememberAgent(node, new LabDirectory.Agent(agent.pid(), -1));
    return Waiting.until("agent of " + node, READY_LIMIT, progress, () -> unready(start));
  }

  /** The program that runs its arguments as a command on a machine. */
  public static Path entrance(Path directory, String machine) {
    return new LabDirectory(directory).entrance(machine);
  }

  /** Runs manulctl on a node. */
  public Run manulctl(String node, String... arguments) {
    List<String> words = new ArrayList<>(List.of(program("manulctl").toString()));
    words.addAll(List.of(arguments));
    return Run.of(command(node, words));
  }

  /** The command that runs {@code words} on a node, with the environment its agent has. */
  public List<String> command(String node, List<String> words) {
    Topology.Machine machine = topology.machine(node);
    List<String> command = new ArrayList<>(List.of("env"));
    AgentProcess.environment(directory, store, machine)
        .forEach((name, value) -> command.add(name + "=" + value));
    command.add("PATH=" + programs + ":" + System.getenv("PATH"));
    command.addAll(words);
    return fabric.command(machine, command);
  }

  private Path program(String name) {
    return programs.resolve(name);
  }
}

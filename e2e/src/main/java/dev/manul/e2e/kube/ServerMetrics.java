package dev.manul.e2e.kube;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What an API server counts of itself. */
public final class ServerMetrics {

  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)\\{(.*)} (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** One number, such as how many requests there were with these labels since the start. */
  public record Sample(Map<String, String> labels, double value) {
    public Sample {
      labels = Map.copyOf(labels);
    }

    /** A label's value; empty when there is none. */
    public String label(String name) {
      return labels.getOrDefault(name, "");
    }
  }

  private final List<String> lines;

  private ServerMetrics(List<String> lines) {
    this.lines = lines;
  }

  /** All it counts, as of now. */
  public static ServerMetrics of(ControlPlane plane) {
    return new ServerMetrics(plane.kubectl("get", "--raw", "/metrics").lines().toList());
  }

  /** All samples of a metric. */
  public List<Sample> samples(String metric) {
    return lines.stream()
        .filter(line -> line.startsWith(metric + "{"))
        .map(SAMPLE::matcher)
        .filter(Matcher::matches)
        .map(sample -> new Sample(labels(sample.group(2)), Double.parseDouble(sample.group(3))))
        .toList();
  }

  private static Map<String, String> labels(String text) {
    return LABEL
        .matcher(text)
        .results()
        .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2)));
  }
}

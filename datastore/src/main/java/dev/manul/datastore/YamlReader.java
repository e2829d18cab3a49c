package dev.manul.datastore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML into plain trees: maps in the order of the text, lists, strings, longs, doubles,
 * booleans and null.
 *
 * <p>Works on the parser's events alone; nothing is constructed by tag. Keys must be text and may
 * not occur twice in a map. Aliases are followed, up to a bound on what they amount to.
 */
final class YamlReader {

  /** Bounds what a few aliases of aliases can blow a small text up to. */
  private static final int MAX_NODES = 1_000_000;

  private final String source;
  private final Parser parser;
  private final Map<String, Object> anchors = new HashMap<>();
  private int nodes;

  private YamlReader(String text, String source) {
    this.source = source;
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(64 * 1024 * 1024);
    options.setProcessComments(false);
    this.parser = new ParserImpl(new StreamReader(text), options);
  }

  /**
   * Reads all documents; an empty one is null.
   *
   * @throws MalformedTextException whose message begins {@code SOURCE:LINE:COLUMN: }
   */
  static List<Object> read(String text, String source) {
    try {
      return new YamlReader(text, source).documents();
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      String problem = e.getContext() == null ? "" : e.getContext() + ": ";
      throw malformed(source, mark, problem + e.getProblem());
    } catch (YAMLException e) {
      throw new MalformedTextException(
          source + ": " + String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "));
    }
  }

  private List<Object> documents() {
    List<Object> documents = new ArrayList<>();
    while (true) {
      Event event = parser.getEvent();
      switch (event.getEventId()) {
        case StreamEnd -> {
          return documents;
        }
        case DocumentStart -> {
          anchors.clear();
          documents.add(value(parser.getEvent(), 0));
        }
        default -> {
          // the stream's start and documents' ends carry nothing
        }
      }
    }
  }

  private Object value(Event event, int depth) {
    if (depth > 100) {
      throw malformed(source, event.getStartMark(), "nested more than 100 deep");
    }
    count(event, 1);
    return switch (event) {
      case ScalarEvent scalar -> anchored(scalar.getAnchor(), scalar(scalar));
      case SequenceStartEvent start -> anchored(start.getAnchor(), sequence(depth));
      case MappingStartEvent start -> anchored(start.getAnchor(), mapping(depth));
      case AliasEvent alias -> {
        if (!anchors.containsKey(alias.getAnchor())) {
          throw malformed(
              source, alias.getStartMark(), "alias *" + alias.getAnchor() + " names no anchor");
        }
        Object target = anchors.get(alias.getAnchor());
        countAll(event, target);
        yield target;
      }
      default -> throw malformed(source, event.getStartMark(), "unexpected " + event.getEventId());
    };
  }

  private Object anchored(String anchor, Object value) {
    if (anchor != null) {
      anchors.put(anchor, value);
    }
    return value;
  }

  private List<Object> sequence(int depth) {
    List<Object> items = new ArrayList<>();
    while (true) {
      Event event = parser.getEvent();
      if (event.is(Event.ID.SequenceEnd)) {
        return items;
      }
      items.add(value(event, depth + 1));
    }
  }

  private Map<String, Object> mapping(int depth) {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (true) {
      Event event = parser.getEvent();
      if (event.is(Event.ID.MappingEnd)) {
        return fields;
      }
      if (!(event instanceof ScalarEvent key)) {
        throw malformed(source, event.getStartMark(), "a key must be text");
      }
      if (fields.containsKey(key.getValue())) {
        throw malformed(source, event.getStartMark(), "key " + key.getValue() + " occurs twice");
      }
      fields.put(key.getValue(), value(parser.getEvent(), depth + 1));
    }
  }

  private static Object scalar(ScalarEvent event) {
    String text = event.getValue();
    String tag = event.getTag();
    if (event.getScalarStyle() != ScalarStyle.PLAIN || "tag:yaml.org,2002:str".equals(tag)) {
      return text;
    }
    return PlainScalar.value(text);
  }

  private void count(Event event, int more) {
    nodes += more;
    if (nodes > MAX_NODES) {
      throw malformed(source, event.getStartMark(), "more than " + MAX_NODES + " values");
    }
  }

  private void countAll(Event event, Object value) {
    count(event, 1);
    if (value instanceof Map<?, ?> fields) {
      fields.values().forEach(field -> countAll(event, field));
    } else if (value instanceof List<?> items) {
      items.forEach(item -> countAll(event, item));
    }
  }

  private static MalformedTextException malformed(String source, Mark mark, String problem) {
    String place = mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    return new MalformedTextException(
        source + place + ": " + problem.replaceAll("\\s*\\R\\s*", " ").strip());
  }
}

package dev.manul.datastore;

import dev.manul.model.Address;
import dev.manul.model.GoDuration;
import dev.manul.model.IntOrString;
import dev.manul.model.IntSequence;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.OrdinalNumbers;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes records apart into plain trees. What a reader would put in by itself is left out: empty
 * text, lists, maps and optionals, false and 0 of fields that have no other default.
 */
final class RecordTrees {
  private RecordTrees() {}

  static Map<String, Object> map(Record record) {
    RecordShape shape = RecordShape.of(record.getClass());
    Map<String, Object> map = new LinkedHashMap<>();
    for (RecordShape.Field field : shape.fields().values()) {
      Object value = field.of(record);
      if (value instanceof Optional<?> optional) {
        optional.ifPresent(present -> map.put(field.name(), tree(present)));
      } else if (!isAbsent(field, value)) {
        Object tree = tree(value);
        if (!(value instanceof Record && tree instanceof Map<?, ?> inner && inner.isEmpty())) {
          map.put(field.name(), tree);
        }
      }
    }
    if (shape.further() != null) {
      ((Map<?, ?>) shape.further().of(record)).forEach((k, v) -> map.put((String) k, v));
    }
    return map;
  }

  private static boolean isAbsent(RecordShape.Field field, Object value) {
    return switch (value) {
      case null -> true;
      case String text -> text.isEmpty();
      case Collection<?> items -> items.isEmpty();
      case Map<?, ?> map -> map.isEmpty();
      case IntSequence sequence -> sequence.isEmpty();
      case OrdinalNumbers numbers -> numbers.isEmpty();
      case Boolean truth -> field.type() == boolean.class && !truth;
      case Integer number -> field.type() == int.class && number == 0;
      case Long number -> field.type() == long.class && number == 0;
      default -> false;
    };
  }

  private static Object tree(Object value) {
    return switch (value) {
      case Prefix prefix -> prefix.toString();
      case InterfaceAddress address -> address.toString();
      case Address address -> address.text();
      case Duration duration -> GoDuration.format(duration);
      case Enum<?> constant -> constant.toString();
      case IntOrString number when number.isNumber() -> Long.valueOf(number.number());
      case IntOrString text -> text.text();
      case Record record -> map(record);
      case Integer number -> (long) number;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          number.longValue();
      case List<?> items -> {
        List<Object> trees = new ArrayList<>(items.size());
        items.forEach(item -> trees.add(tree(item)));
        yield trees;
      }
      case Map<?, ?> fields -> {
        Map<String, Object> trees = new TreeMap<>();
        fields.forEach(
            (name, field) -> trees.put((String) name, field == null ? null : tree(field)));
        yield trees;
      }
      default -> value; // text, numbers, truths, sequences and ordinals are written as they are
    };
  }
}

package dev.manul.deploy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Records of which a document says nothing: what stands in them is every field's default. */
final class AbsentRecords {
  private AbsentRecords() {}

  static Object make(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
    Object[] values = Arrays.stream(types).map(AbsentRecords::absent).toArray();
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make an empty " + type, e);
    }
  }

  private static Object absent(Class<?> type) {
    if (type == boolean.class) {
      return false;
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    return type == Optional.class ? Optional.empty() : null;
  }

  /** The component's value as a document has it. */
  static Object tree(RecordComponent component, Object record) {
    try {
      return tree(component.getAccessor().invoke(record));
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static Object tree(Object value) {
    return switch (value) {
      case Boolean truth -> truth;
      case Number number -> number;
      case String text when !text.isEmpty() -> text;
      case Enum<?> constant -> constant.toString();
      case List<?> items when !items.isEmpty() -> items.stream().map(AbsentRecords::tree).toList();
      case null, default -> throw new IllegalStateException("no default can be made of " + value);
    };
  }
}

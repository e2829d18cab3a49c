package dev.manul.datastore;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.FelixParameters;
import dev.manul.model.Metadata;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A record class as a document's map: its fields in order, and how to make and take it apart. */
final class RecordShape {

  private static final ClassValue<RecordShape> SHAPES =
      new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
          return new RecordShape(type);
        }
      };

  /** Metadata of Kubernetes objects that documents may carry and that mean nothing here. */
  private static final Set<String> IGNORED_METADATA =
      Set.of(
          "deletionGracePeriodSeconds",
          "deletionTimestamp",
          "finalizers",
          "generateName",
          "generation",
          "managedFields",
          "ownerReferences",
          "selfLink");

  /** A component of the record and the name it has in documents. */
  record Field(String name, Type type, int index, Method accessor) {
    Object of(Object record) {
      try {
        return accessor.invoke(record);
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("cannot read " + accessor, e);
      }
    }
  }

  private final Map<String, Field> fields = new LinkedHashMap<>();
  private final Constructor<?> constructor;

  /** The component that takes fields which have no component of their own, or null. */
  private final Field further;

  private final Set<String> furtherNames;
  private final boolean takesUnknown;
  private final Set<String> ignored;

  private RecordShape(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    boolean settings = type == FelixConfiguration.Spec.class;
    Field rest = null;
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      types[i] = component.getType();
      // All are public; said so once, that is not looked at again at each call.
      component.getAccessor().setAccessible(true);
      JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
      String name = renamed == null ? component.getName() : renamed.value();
      Field field = new Field(name, component.getGenericType(), i, component.getAccessor());
      if (name.equals("further")) {
        rest = field;
      } else {
        fields.put(name, field);
      }
    }
    this.further = rest;
    this.furtherNames = settings ? FelixParameters.KEPT : Set.of();
    this.takesUnknown = rest != null && !settings;
    this.ignored = type == Metadata.class ? IGNORED_METADATA : Set.of();
    try {
      this.constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(type + " has no canonical constructor", e);
    }
  }

  static RecordShape of(Class<?> type) {
    return SHAPES.get(type);
  }

  Map<String, Field> fields() {
    return fields;
  }

  Field field(String name) {
    return fields.get(name);
  }

  Field further() {
    return further;
  }

  Set<String> furtherNames() {
    return furtherNames;
  }

  /** Whether fields that are stored and not known stand in the record itself. */
  boolean takesUnknown() {
    return takesUnknown;
  }

  boolean ignores(String name) {
    return ignored.contains(name);
  }

  int size() {
    return fields.size() + (further == null ? 0 : 1);
  }

  Object make(Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException("cannot make " + constructor + Arrays.toString(values), e);
    } catch (InstantiationException | IllegalAccessException e) {
      throw new IllegalStateException("cannot make " + constructor, e);
    }
  }
}

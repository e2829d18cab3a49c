package dev.manul.bgp.daemon;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.manul.bgp.SpeakerConfiguration;
import dev.manul.bgp.bmp.BmpStation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code manul-bgp} has been told.
 *
 * @param speaker the speaker's part
 * @param stations whom to tell what neighbours announce
 * @param control where the control socket is to be
 */
record DaemonConfiguration(
    SpeakerConfiguration speaker, List<BmpStation> stations, Optional<Path> control) {

  private static final String EMPTY = "the file is empty; asNumber and routerId are required";

  /**
   * Reads a file strictly: an unknown or repeated field, a value of the wrong kind, or a second
   * document is an error.
   */
  static DaemonConfiguration read(Path file) throws ConfigurationException {
    ConfigurationFile written;
    try {
      written = reader().readValue(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(file + ": there is no such file");
    } catch (JsonProcessingException e) {
      throw new ConfigurationException(file + ": " + explain(e));
    } catch (IOException e) {
      throw new ConfigurationException(file + ": cannot be read: " + e.getMessage());
    }
    if (written == null) {
      throw new ConfigurationException(file + ": " + EMPTY);
    }
    try {
      var conversion = new ConfigurationConversion();
      return new DaemonConfiguration(
          conversion.speaker(written),
          conversion.stations(written),
          Optional.ofNullable(written.control()).map(Path::of));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(file + ": " + e.getMessage());
    }
  }

  private static ObjectReader reader() {
    return YAMLMapper.builder()
        .enable(
            DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .build()
        .readerFor(ConfigurationFile.class);
  }

  private static String explain(JsonProcessingException e) {
    String where = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
    return where
        + switch (e) {
          case UnrecognizedPropertyException unknown ->
              "field "
                  + path(unknown)
                  + " is not known; allowed: "
                  + unknown.getKnownPropertyIds().stream()
                      .map(Object::toString)
                      .sorted()
                      .collect(Collectors.joining(", "));
          case InvalidFormatException wrong ->
              "field " + path(wrong) + ": \"" + wrong.getValue() + "\" is not " + kind(wrong);
          case MismatchedInputException wrong when wrong.getPath().isEmpty() ->
              wrong.getOriginalMessage().startsWith("No content")
                  ? EMPTY
                  : oneLine(wrong.getOriginalMessage());
          case MismatchedInputException wrong when wrong.getTargetType() != null ->
              "field " + path(wrong) + ": the value is not " + kind(wrong);
          case JsonMappingException wrong ->
              "field " + path(wrong) + ": " + oneLine(rootMessage(wrong));
          default -> oneLine(e.getOriginalMessage());
        };
  }

  private static String kind(MismatchedInputException wrong) {
    Class<?> type = wrong.getTargetType();
    if (type == Integer.class || type == Long.class) {
      return "an integer";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a text";
    }
    return type != null && Collection.class.isAssignableFrom(type) ? "a list" : "an object";
  }

  private static String rootMessage(JsonMappingException e) {
    Throwable cause = e.getCause();
    return cause instanceof IllegalArgumentException ? cause.getMessage() : e.getOriginalMessage();
  }

  /** Without the excerpts of the file, which the YAML parser indents. */
  private static String oneLine(String message) {
    return message == null
        ? "not YAML"
        : message
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith(" "))
            .collect(Collectors.joining(": "));
  }

  /** Such as {@code neighbors[0].holdTime}. */
  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }
}

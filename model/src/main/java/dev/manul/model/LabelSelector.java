package dev.manul.model;

import java.util.List;
import java.util.Map;

/**
 * Kubernetes' selector of labels; an empty one selects everything.
 *
 * @param matchLabels labels that must have these values
 * @param matchExpressions what else must hold
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/">LabelSelector</a>
 */
public record LabelSelector(Map<String, String> matchLabels, List<Requirement> matchExpressions) {

  /** Selects everything. */
  public static final LabelSelector ALL = new LabelSelector(null, null);

  public LabelSelector {
    matchLabels = Absent.map(matchLabels);
    matchExpressions = Absent.list(matchExpressions);
  }

  /** Selects what has a label. */
  public static LabelSelector of(String label, String value) {
    return new LabelSelector(Map.of(label, value), null);
  }

  /**
   * What must hold for one label.
   *
   * @param key the label
   * @param operator {@code In}, {@code NotIn}, {@code Exists} or {@code DoesNotExist}
   * @param values of {@code In} and {@code NotIn}
   */
  public record Requirement(String key, String operator, List<String> values) {
    public Requirement {
      key = Absent.text(key);
      operator = Absent.text(operator);
      values = Absent.list(values);
    }
  }
}

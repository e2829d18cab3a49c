package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a cluster says of itself besides its resources. Every call asks the API. */
public final class ClusterFacts {
  private static final Logger log = LoggerFactory.getLogger(ClusterFacts.class);

  private static final String KUBEADM = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";

  /**
   * A line of kubeadm's ClusterConfiguration, which kubeadm itself writes: block style, one line.
   */
  private static final Pattern POD_SUBNET =
      Pattern.compile("(?m)^\\s+podSubnet:\\s*[\"']?([^\"'\\s]+)");

  private final ApiServer api;

  ClusterFacts(ApiServer api) {
    this.api = api;
  }

  /**
   * The prefixes that kubeadm was told to take pods' addresses from, one of each family at most;
   * none for a cluster that was made in another way or does not let us see.
   *
   * @throws DatastoreException when the API cannot be reached
   */
  public List<Prefix> podSubnets() {
    ApiServer.Answer answer = api.get(KUBEADM);
    if (!answer.isSuccess()) {
      log.debug("no pod subnet: reading {} was answered with {}", KUBEADM, answer.status());
      return List.of();
    }
    return podSubnets(Fields.text(Fields.map(tree(answer), "data"), "ClusterConfiguration"));
  }

  static List<Prefix> podSubnets(String clusterConfiguration) {
    Matcher line = POD_SUBNET.matcher(clusterConfiguration);
    List<Prefix> prefixes = new ArrayList<>();
    if (line.find()) {
      for (String text : line.group(1).split(",", -1)) {
        try {
          prefixes.add(Prefix.parse(text));
        } catch (IllegalArgumentException e) {
          log.warn("kubeadm's podSubnet {} is passed over: {}", text, e.getMessage());
        }
      }
    }
    return List.copyOf(prefixes);
  }

  private static Map<String, Object> tree(ApiServer.Answer answer) {
    try {
      return ApiJson.read(answer.body(), 0, answer.body().length);
    } catch (IOException e) {
      throw new DatastoreException("the API's answer cannot be read: " + e.getMessage(), e);
    }
  }
}

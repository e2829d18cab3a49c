package dev.manul.model;

import java.util.List;

/**
 * A Kubernetes service account: its labels are those that policies select accounts by. Manul never
 * writes one.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/service-account-v1/">ServiceAccount
 *     v1</a>
 */
public record ServiceAccount(Metadata metadata) implements Resource {

  public static final Kind<ServiceAccount> KIND =
      new Kind<>(
          "v1",
          "ServiceAccount",
          "serviceaccounts",
          true,
          ServiceAccount.class,
          List.of("serviceaccount", "sa"));

  @Override
  public Kind<ServiceAccount> kind() {
    return KIND;
  }

  @Override
  public ServiceAccount withMetadata(Metadata newMetadata) {
    return new ServiceAccount(newMetadata);
  }
}

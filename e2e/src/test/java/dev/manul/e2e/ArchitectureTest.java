package dev.manul.e2e;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The modules' arrows of ARCHITECTURE.md, held over the classes of all modules. */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.manul");

  private static final List<String> ROOMS =
      List.of(
          "model",
          "datastore",
          "netlink",
          "bgp",
          "ipam",
          "routes",
          "policy",
          "cni",
          "agent",
          "cli",
          "deploy",
          "e2e");

  /** A module and those it may use. */
  record Arrows(String room, List<String> below) {}

  static Stream<Arrows> arrows() {
    return Stream.of(
        new Arrows("model", List.of()),
        new Arrows("datastore", List.of("model")),
        new Arrows("netlink", List.of("model")),
        new Arrows("bgp", List.of("model")),
        new Arrows("ipam", List.of("model", "datastore")),
        new Arrows("routes", List.of("model", "netlink")),
        new Arrows("policy", List.of("model", "netlink")),
        new Arrows("cni", List.of("model", "datastore", "netlink", "ipam")),
        new Arrows("cli", List.of("model", "datastore", "ipam")),
        new Arrows("deploy", List.of("model", "datastore")),
        new Arrows(
            "agent",
            List.of("model", "datastore", "netlink", "bgp", "ipam", "routes", "policy", "cni")));
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void aModuleUsesOnlyThoseBelowIt(Arrows arrows) {
    String[] forbidden =
        ROOMS.stream()
            .filter(room -> !room.equals(arrows.room()) && !arrows.below().contains(room))
            .map(ArchitectureTest::packages)
            .toArray(String[]::new);
    noClasses()
        .that(resideInAnyPackage(packages(arrows.room())))
        .should()
        .dependOnClassesThat(resideInAnyPackage(forbidden))
        .check(CLASSES);
  }

  private static String packages(String room) {
    return "dev.manul." + room + "..";
  }

  @Test
  void everyModuleIsLookedAt() {
    assertThat(ROOMS)
        .allSatisfy(
            room ->
                assertThat(CLASSES.stream())
                    .anyMatch(type -> type.getPackageName().startsWith("dev.manul." + room)));
  }

  @Test
  void modulesHaveNoCycles() {
    slices().matching("dev.manul.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theModelUsesOnlyTheJdkAndAnnotations() {
    noClasses()
        .that(resideInAnyPackage("dev.manul.model.."))
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "dev.manul.model..", "java..", "com.fasterxml.jackson.annotation..")
        .check(CLASSES);
  }

  @Test
  void onlyNetlinkCallsTheKernelNatively() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.manul.netlink..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "java.lang.foreign..")
        .check(CLASSES);
  }

  @Test
  void onlyTheOutermostReadAndWriteJson() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.manul.datastore..",
            "dev.manul.cni..",
            "dev.manul.deploy..",
            "dev.manul.cli..",
            "dev.manul.agent..",
            "dev.manul.bgp.daemon..",
            "dev.manul.e2e..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "com.fasterxml.jackson.databind..", "com.fasterxml.jackson.dataformat..")
        .check(CLASSES);
  }

  @Test
  void nobodySleeps() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class, int.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .check(CLASSES);
  }
}

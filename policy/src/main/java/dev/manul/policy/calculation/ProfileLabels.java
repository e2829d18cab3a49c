package dev.manul.policy.calculation;

/** What a profile gives; the group of those that name it. There may be no such profile. */
final class ProfileLabels extends Group {

  final String name;
  LabelValue[] labels = {};

  ProfileLabels(String name) {
    this.name = name;
  }
}

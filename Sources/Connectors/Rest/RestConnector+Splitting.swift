import Domain

extension RestConnector {
  /// Windows are cut where the source's filter can tell times apart.
  var splitRule: SplitRule {
    let bounds = template.stream.bounds
    guard bounds.grain != .day else { return SplitRule(grain: .day, zone: bounds.zone) }
    return SplitRule(
      grain: .microseconds(bounds.grain.microseconds), least: bounds.grain.microseconds,
      zone: bounds.zone)
  }
}

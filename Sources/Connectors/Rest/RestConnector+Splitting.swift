import Domain

extension RestConnector {
  /// Windows are cut where the source's filter can tell times apart; what is half read only where
  /// the source filters by time and gives the oldest first.
  var splitRule: SplitRule {
    let window = template.stream.window
    let bounds = window.bounds
    let isFiltered = window.mode == .server || window.mode == .fromOnly
    return SplitRule(
      grain: bounds.grain == .day ? .day : .microseconds(bounds.grain.microseconds),
      least: bounds.grain == .day ? 1 : bounds.grain.microseconds,
      isAscending: isFiltered && window.order == .ascending, zone: bounds.zone)
  }
}

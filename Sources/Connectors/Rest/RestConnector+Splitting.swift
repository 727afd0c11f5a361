import Domain

extension RestConnector {
  /// Windows are cut where the source's filter can tell times apart.
  var splitRule: SplitRule { template.stream.splitRule }
}

extension RestStream {
  /// Where windows may be cut: where the filter can tell times apart, of parents where those are what
  /// it filters, and into parts no shorter than the cap says.
  var splitRule: SplitRule {
    if let parent { return parent.request.splitRule }
    let bounds = window.bounds
    let isAscending = window.order == .ascending
    guard bounds.grain != .day, window.mode != .oneDate else {
      return SplitRule(
        grain: .day, least: cap?.smallest ?? 1, isAscending: isAscending, zone: bounds.zone)
    }
    return SplitRule(
      grain: .microseconds(bounds.grain.microseconds),
      least: cap?.smallest ?? bounds.grain.microseconds, isAscending: isAscending,
      zone: bounds.zone)
  }
}

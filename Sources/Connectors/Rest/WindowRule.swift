import Domain

/// How a source is asked for the records of a window.
struct WindowRule: Hashable, Sendable {
  /// What the source filters by itself.
  enum Mode: String, CaseIterable, Sendable {
    /// Both bounds.
    case server
    /// The first bound only; what comes after the window is left out here.
    case fromOnly = "from_only"
    /// Nothing: every partition reads the whole stream, and leaves out what is outside.
    case clientFilter = "client_filter"
    /// Nothing, or the second bound; but the newest come first, so that reading ends where records
    /// are older than the window.
    case descendingFeed = "descending_feed"
    /// One day: a partition asks for each of its days by itself.
    case oneDate = "one_date"
  }

  /// In which order of time records come.
  enum Order: String, CaseIterable, Sendable {
    /// The oldest first.
    case ascending
    /// The newest first.
    case descending
    /// In no order that could be relied on.
    case none
  }

  /// What the source filters by itself.
  var mode: Mode
  /// How bounds are written.
  var bounds: WireBounds
  /// In which order records come.
  var order: Order
  /// What the source can give yet, and still.
  var horizon: SourceHorizon

  /// Whether reading ends before the source does, once a whole page lies beyond the window.
  var endsEarly: Bool {
    switch (mode, order) {
    case (.server, _), (.oneDate, _), (_, .none): false
    case (.fromOnly, .descending), (.descendingFeed, .ascending): false
    case (.fromOnly, .ascending), (.clientFilter, _), (.descendingFeed, .descending): true
    }
  }

  /// Whether a page whose records have these times lies beyond the window, and all after it too.
  ///
  /// A whole page, and not its last record: feeds are sorted less strictly than they are said to be.
  func isBeyond(_ window: Window, times: [Instant?]) -> Bool {
    guard endsEarly, !times.isEmpty else { return false }
    return times.allSatisfy { time in
      guard let time else { return false }
      return order == .descending ? time < window.from : time >= window.to
    }
  }

  /// Where windows may be cut, none of the parts being shorter than so many microseconds.
  ///
  /// What is half read only where the source filters by time and gives the oldest first.
  func splitRule(least: Int64?) -> SplitRule {
    let grain: SplitRule.Grain =
      bounds.grain == .day || mode == .oneDate ? .day : .microseconds(bounds.grain.microseconds)
    return SplitRule(
      grain: grain, least: least ?? bounds.grain.microseconds,
      isAscending: order == .ascending && (mode == .server || mode == .fromOnly),
      zone: bounds.zone)
  }
}

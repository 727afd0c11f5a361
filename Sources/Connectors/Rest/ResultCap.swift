import Domain
import JSON

/// How many records a source gives of one window, however many there are, and what is done then.
struct ResultCap: Hashable, Sendable {
  /// What is done when a window holds more.
  enum OnHit: String, CaseIterable, Sendable {
    /// The partition is split; the smallest window goes on by id where one is named.
    case split
    /// The reading begins anew behind the last record's id.
    case seekByID = "seek_by_id"
    /// The partition fails.
    case fail
  }

  /// What is known of the answers to one query.
  struct Facts: Hashable {
    /// How many records the source says that there are; nil where it does not.
    var total: Int?
    /// How many came with the pages before.
    var before: Int
    /// How many came with this page.
    var page: Int
    /// How many were asked for with this page; nil where the source decides.
    var asked: Int?
    /// Whether there is a next page.
    var hasNext: Bool
    /// Whether the window can be split.
    var canSplit: Bool
  }

  /// What follows from them.
  enum Decision: Hashable {
    /// Everything can be had as it is.
    case fits
    /// The window is too large.
    case split
    /// Everything up to this page is there; the rest is behind the last record's id.
    case seek
    /// There is no way to have everything.
    case fail
  }

  /// The most records of one query.
  var records: Int
  /// What is done when there are more.
  var onHit: OnHit
  /// The id that records can be asked behind of, in whose order they then come.
  var id: JSONPath?
  /// The shortest window that a split leaves, in microseconds; nil for the filter's grain.
  var smallest: Int64?

  /// Decides after a page.
  ///
  /// Where the source tells no total, a full measure may be all there is, or not: nobody can know,
  /// so it counts as too many.
  func decide(_ facts: Facts) -> Decision {
    let came = facts.before + facts.page
    switch onHit {
    case .seekByID: return seek(facts, came)
    case .split where !facts.canSplit && id != nil: return seek(facts, came)
    case .split, .fail:
      let isHit = facts.total.map { $0 > records } ?? (came >= records)
      guard isHit else { return .fits }
      return onHit == .split && facts.canSplit ? .split : .fail
    }
  }

  private func seek(_ facts: Facts, _ came: Int) -> Decision {
    if let total = facts.total, total <= records { return .fits }
    let nextIsRefused = facts.hasNext && came + (facts.asked ?? facts.page) > records
    return came >= records || nextIsRefused ? .seek : .fits
  }
}

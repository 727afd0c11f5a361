/// Watches whether a feed gives the oldest records first, as its connector says, and how far it came.
public struct FeedWatch: Sendable {
  private let rule: SplitRule
  private var highest: Instant?
  private var isInOrder = true

  /// A watch that has seen nothing.
  public init(_ rule: SplitRule) {
    self.rule = rule
  }

  /// The latest time that was seen; nil before any, and for good once a record came that belongs
  /// to an earlier grain than one before it: then nobody knows what is still to come.
  public var reached: Instant? { isInOrder ? highest : nil }

  /// Takes in the records of the next batch.
  public mutating func note(_ batch: Batch) {
    guard rule.isAscending, isInOrder else { return }
    for document in batch.documents { note(document.eventAt) }
  }

  /// Takes in the time of the next record.
  public mutating func note(_ time: Instant) {
    guard let last = highest else {
      highest = time
      return
    }
    // Within a grain the source may give them in any order.
    if time < last, rule.floor(time) < rule.floor(last) { isInOrder = false }
    if time > last { highest = time }
  }
}

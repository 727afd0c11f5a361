/// What this process knows of the store's clock, by its own steady one.
///
/// An exchange tells that the store's clock showed a time somewhere between the question and the
/// answer. Taken as if it had been at the answer, nothing here ever happens too early; too late it
/// happens by the way of the answer at most, so the quickest exchange of late is kept.
public struct ClockReading: Hashable, Sendable {
  /// For how many microseconds a quick exchange is worth more than a newer one.
  static let patience: Int64 = 10_000_000

  private struct Exchange: Hashable {
    /// The store's clock less ours, as if it had been read at the answer.
    var offset: Int64
    var length: Int64
    var at: Int64
  }

  private var best: Exchange?

  /// Nothing is known.
  public init() {}

  /// Learns that the store's clock showed a time between two of ours, all in microseconds.
  public mutating func note(_ time: Instant, asked: Int64, answered: Int64) {
    let new = Exchange(
      offset: time.microseconds - answered, length: max(0, answered - asked), at: answered)
    guard let old = best else {
      best = new
      return
    }
    let isOld = answered - old.at > Self.patience
    // The true difference lies between `offset` and `offset + length`, unless a clock was set.
    let wasSet = new.offset > old.offset + old.length || old.offset > new.offset + new.length
    if isOld || wasSet || new.length <= old.length { best = new }
  }

  /// When a permit has surely begun, and when it might end, by ours; nil before the first exchange.
  ///
  /// Where the store is so far away that nothing would be left between them, half of it is taken on
  /// trust.
  public func ours(_ permit: Permit) -> (from: Int64, until: Int64)? {
    guard let best, let from = ours(permit.from), let until = ours(permit.until) else { return nil }
    return (from, until - min(best.length, (until - from) / 2))
  }

  /// When a time of the store's clock has surely come, by ours; nil before the first exchange.
  public func ours(_ time: Instant) -> Int64? {
    guard let best else { return nil }
    let (ours, overflow) = time.microseconds.subtractingReportingOverflow(best.offset)
    return overflow ? (best.offset < 0 ? .max : .min) : ours
  }
}

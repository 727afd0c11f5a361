/// Pauses that double with each failure up to a cap, drawn from their upper half so that many
/// clients of one server do not come back at the same moment.
public struct Backoff: Hashable, Sendable {
  /// The longest pause after the first failure.
  public var base: Duration
  /// The longest pause of all.
  public var cap: Duration

  /// Pauses of at most `base`, twice that, and so on up to `cap`.
  public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(10)) {
    self.base = base
    self.cap = cap
  }

  /// The pause after so many failures in a row.
  public func pause(
    after failures: Int, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    let doublings = min(max(failures - 1, 0), 30)
    let longest = min(cap, base * (1 << doublings))
    return longest * Double.random(in: 0.5...1, using: &generator)
  }
}

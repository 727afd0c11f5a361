/// How long to wait before something is tried again: longer each time, up to a cap, and never the
/// same for two who failed together.
///
/// After the n-th failure in a row the delay is `base + uniform(0, min(cap, base × 2ⁿ⁻¹))`: the
/// "full jitter" of M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), on
/// top of a base that keeps the first retry off the heels of the failure.
public struct Backoff: Hashable, Sendable {
  /// The least delay, in microseconds.
  public var base: Int64
  /// The most that is added to it, in microseconds.
  public var cap: Int64

  /// The longest that a source's own word is taken for, in microseconds: a day.
  ///
  /// A source that asks
  /// for more is asked again once a day.
  public static let longestAsked: Int64 = 86_400_000_000

  /// A backoff from its bounds in seconds.
  public init(base: Double, cap: Double) {
    self.base = Int64(base * 1_000_000)
    self.cap = Int64(cap * 1_000_000)
  }

  /// The backoff for a kind of failure; nil where trying again does not help.
  public init?(_ kind: SourceFailure.Kind) {
    switch kind {
    case .rateLimited: self.init(base: 1, cap: 60)
    case .unavailable: self.init(base: 2, cap: 300)
    case .network: self.init(base: 1, cap: 120)
    case .timeout, .invalidPage, .endless, .sourceChanged, .storeRefused:
      self.init(base: 5, cap: 300)
    // The lease that ran out was a delay already.
    case .lost: self.init(base: 0.25, cap: 60)
    case .unauthorized, .refused, .misconfigured, .tooManyRejected, .windowTooLarge: return nil
    }
  }

  /// The delay after so many failures in a row, in microseconds.
  ///
  /// Where the source said how long it `asked` for, that is the delay, with up to a tenth more (at
  /// most 10 s) so that those who were told the same do not come back together.
  public func delay(
    after failures: Int, asked: Int64? = nil, using generator: inout some RandomNumberGenerator
  ) -> Int64 {
    if let asked, asked > 0 {
      let kept = min(asked, Self.longestAsked)
      return kept
        + Int64.random(in: 0...min(max(kept / 10, base / 10), 10_000_000), using: &generator)
    }
    return base + Int64.random(in: 0...ceiling(after: failures), using: &generator)
  }

  private func ceiling(after failures: Int) -> Int64 {
    var ceiling = base
    for _ in 1..<max(1, min(failures, 64)) {
      if ceiling >= cap { break }
      ceiling *= 2
    }
    return min(ceiling, cap)
  }
}

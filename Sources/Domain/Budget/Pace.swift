/// The slots of time in which a limit lets requests out.
///
/// Slots lie at least `spacing` apart. A request reaches the source within `allowance` after its
/// slot: it is granted up to `slack` and goes out up to `lateness` after that, and the rest is left
/// to the way there. So no window of length `L` holds more than `(L + allowance) / spacing`, rounded
/// up; the spacing is chosen so that this is within the limit.
public struct Pace: Hashable, Sendable {
  /// Microseconds between two slots; between two points where requests have a cost.
  public var spacing: Int64
  /// For how many microseconds after its slot a request may be granted.
  public var slack: Int64
  /// For how many microseconds after that it may go out.
  public var lateness: Int64
  /// For how many microseconds after its slot a request may reach the source.
  public var allowance: Int64

  /// The share of a window, in percent, that is given up so that requests may be late.
  static let share: Int64 = 6
  /// A request is never sent more than this after its time, in microseconds.
  static let longestLateness: Int64 = 1_000_000

  /// So many in any window of a length.
  init(window rate: RequestLimit.Rate, count: Int) {
    let allowance = max(1, rate.period / 100 * Self.share)
    self.init(
      spacing: Self.quotient(rate.period + allowance, count), allowance: allowance)
  }

  /// A bucket of `burst` that is filled at a rate.
  ///
  /// A bucket lets out what came in while it was not used, so its slots may be late by what it
  /// holds. One that holds a single token bears no lateness but what its spacing is widened by.
  init(bucket rate: RequestLimit.Rate, count: Int, burst: Int) {
    let exact = Self.quotient(rate.period, count)
    guard burst > 1 else {
      let allowance = max(1, exact / 100 * Self.share)
      self.init(spacing: exact + allowance, allowance: allowance)
      return
    }
    // Wider by a little, so that a bucket that was emptied by others recovers.
    let spacing = exact + exact / 100 * 4
    let (allowance, overflow) = spacing.multipliedReportingOverflow(by: Int64(burst - 1))
    self.init(spacing: spacing, allowance: overflow ? Self.longestAllowance : allowance)
  }

  private static let longestAllowance: Int64 = 86_400_000_000

  private init(spacing: Int64, allowance: Int64) {
    self.spacing = max(1, spacing)
    self.allowance = min(allowance, Self.longestAllowance)
    lateness = min(self.allowance / 2, Self.longestLateness)
    slack = self.allowance - lateness - min(self.allowance / 4, Self.longestLateness)
  }

  /// Rounded up, so that the slots are never too close.
  private static func quotient(_ period: Int64, _ count: Int) -> Int64 {
    let count = Int64(count)
    return period / count + (period % count == 0 ? 0 : 1)
  }
}

extension RequestLimit {
  /// The slots of the limit; nil where it counts otherwise.
  public var pace: Pace? {
    switch rule {
    case .fixedWindow(let rate), .movingWindow(let rate):
      Pace(window: rate, count: withoutReserve(rate.count))
    case .tokenBucket(let rate, let burst), .leakyBucket(let rate, let burst),
      .cost(let rate, let burst, _):
      Pace(bucket: rate, count: withoutReserve(rate.count), burst: withoutReserve(burst))
    case .concurrency, .daily: nil
    }
  }
}

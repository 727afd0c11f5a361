/// One limit on how often a source may be asked, as the source itself counts.
///
/// All limits of a source hold at once. Those that an account shares with other programs leave a
/// reserve to them.
public struct RequestLimit: Hashable, Sendable {
  /// How the source counts.
  public enum Rule: Hashable, Sendable {
    /// A bucket of tokens that is filled at a rate and holds so many at most.
    case tokenBucket(Rate, burst: Int)
    /// A bucket that each request fills and that leaks at a rate; the same, told from the other end.
    case leakyBucket(Rate, burst: Int)
    /// So many in each window of a grid.
    ///
    /// Nobody knows where the grid begins, so no window of that length, wherever it begins, holds
    /// more.
    case fixedWindow(Rate)
    /// So many in any window of that length.
    case movingWindow(Rate)
    /// A bucket of points, of which a request costs several; `each` where nobody knows better.
    case cost(Rate, burst: Int, each: Int)
    /// So many under way at once.
    case concurrency(Int)
    /// So many in each day of a zone.
    case daily(Int, zone: String)
  }

  /// So many in so much time.
  public struct Rate: Hashable, Sendable {
    /// How many.
    public var count: Int
    /// In how many microseconds.
    public var period: Int64

    /// So many in so many microseconds.
    public init(_ count: Int, per period: Int64) {
      self.count = count
      self.period = period
    }
  }

  /// The name, by which people and the store know it.
  public var name: String
  /// How the source counts.
  public var rule: Rule
  /// Which requests it counts.
  public var scope: LimitScope
  /// The share that is left to other programs, from 0 on and below 1.
  public var reserve: Double
  /// Where answers say how much is left; nil where they do not.
  public var observed: QuotaFields?

  /// A limit.
  public init(
    _ name: String, _ rule: Rule, scope: LimitScope = .source, reserve: Double = 0,
    observed: QuotaFields? = nil
  ) {
    self.name = name
    self.rule = rule
    self.scope = scope
    self.reserve = reserve
    self.observed = observed
  }
}

extension RequestLimit {
  /// What a request takes of it, where the request does not say.
  public var costOfRequest: Int {
    if case .cost(_, _, let each) = rule { each } else { 1 }
  }

  /// A number less what is left to others, at least one.
  public func withoutReserve(_ count: Int) -> Int {
    max(1, Int((Double(count) * (1 - reserve)).rounded(.down)))
  }
}

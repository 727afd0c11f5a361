/// How often and how patiently a stream's partitions are tried again.
public struct RetryRule: Hashable, Sendable {
  /// How many attempts in a row may fail without progress before a partition fails for good.
  public var attempts: Int
  /// The least delay before the next attempt, in microseconds; nil for one by the kind of failure.
  public var base: Int64?

  /// The rule of a stream that says nothing.
  public static let standard = RetryRule()

  /// A rule; what is not given is as in a stream that does not say.
  public init(attempts: Int = 5, base: Int64? = nil) {
    self.attempts = attempts
    self.base = base
  }
}

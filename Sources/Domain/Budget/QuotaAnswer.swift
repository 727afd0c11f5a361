public import JSON

/// What an answer of a source says that may matter to its limits.
public struct QuotaAnswer: Sendable {
  /// That the source asks for patience.
  public struct Refusal: Hashable, Sendable {
    /// For how many microseconds, where it says so.
    public var wait: Int64?
    /// Its words, for people.
    public var message: String

    /// A refusal.
    public init(wait: Int64?, message: String) {
      self.wait = wait
      self.message = message
    }
  }

  /// The refusal, if it is one.
  public var refusal: Refusal?
  /// When it was answered, by the source's clock where that is known.
  public var now: Instant
  /// The first value of a header.
  public var header: @Sendable (String) -> String?
  /// A value of the body; nil where it has none there, or cannot be read.
  public var value: @Sendable (JSONPath) -> JSONValue?

  /// An answer.
  public init(
    refusal: Refusal?, now: Instant, header: @escaping @Sendable (String) -> String?,
    value: @escaping @Sendable (JSONPath) -> JSONValue?
  ) {
    self.refusal = refusal
    self.now = now
    self.header = header
    self.value = value
  }
}

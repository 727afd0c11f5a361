/// What an answer says about a limit that allows less than was thought.
public struct Lowering: Hashable, Sendable {
  /// How much could be asked at once, where the answer says so.
  public var available: Int64?
  /// How much may be asked until the count begins anew, where the answer says so.
  public var left: Left?
  /// The microseconds between two requests that the limit named by the answer allows; zero where
  /// that is no less than what was declared, nil where the answer names none.
  public var spacing: Int64?

  /// How much may be asked within a time.
  public struct Left: Hashable, Sendable {
    /// How much.
    public var count: Int64
    /// Within how many microseconds.
    public var period: Int64

    /// So much within so many microseconds.
    public init(_ count: Int64, within period: Int64) {
      self.count = count
      self.period = period
    }
  }

  /// What an answer says.
  public init(available: Int64? = nil, left: Left? = nil, spacing: Int64? = nil) {
    self.available = available
    self.left = left
    self.spacing = spacing
  }
}

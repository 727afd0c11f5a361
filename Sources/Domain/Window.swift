/// A half-open stretch of time `[from, to)`: `from` is inside, `to` is not.
public struct Window: Hashable, Sendable {
  /// The first instant inside.
  public var from: Instant
  /// The first instant after.
  public var to: Instant

  /// A window from its bounds; `from` is expected before `to`.
  public init(from: Instant, to: Instant) {
    self.from = from
    self.to = to
  }

  /// A window without an instant.
  public static let empty = Window(from: Instant(microseconds: 0), to: Instant(microseconds: 0))

  /// Whether the instant lies in `[from, to)`.
  @inlinable
  public func contains(_ instant: Instant) -> Bool {
    from.microseconds <= instant.microseconds && instant.microseconds < to.microseconds
  }
}

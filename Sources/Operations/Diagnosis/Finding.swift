/// One thing that was looked at, and what was found.
public struct Finding: Hashable, Sendable {
  /// How much it matters.
  public enum Level: String, Sendable {
    /// As it should be.
    case ok
    /// It works, but somebody should look.
    case warning
    /// It does not work, or data are at risk.
    case problem
  }

  /// What was looked at, as a stable name.
  public var check: String
  /// How much it matters.
  public var level: Level
  /// One sentence: what was found and, where something is wrong, what to do.
  public var message: String

  /// A finding.
  public init(_ check: String, _ level: Level, _ message: String) {
    self.check = check
    self.level = level
    self.message = message
  }
}

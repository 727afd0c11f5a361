/// A partition that read nothing where its neighbours read many: maybe a day off, maybe a source that
/// answered with nothing when it should have failed.
public struct SuspiciouslyEmpty: Hashable, Sendable {
  /// How many neighbours in time are looked at on either side.
  public static let reach = 3
  /// A typical neighbour must have read so many, or nothing is said.
  public static let least: Int64 = 20

  /// What was read.
  public var window: Window
  /// What a typical neighbour read: the median.
  public var typical: Int64

  /// A partition that read nothing, if it is worth a word.
  ///
  /// The rule: of the up to six partitions nearest in time that succeeded at least two are known, the
  /// median of what they read is twenty or more, and at most one of them read nothing too. So a
  /// quiet stream and a longer pause, such as holidays, say nothing, and a hole does.
  public init?(_ window: Window, neighbours: [Int64]) {
    let sorted = neighbours.sorted()
    guard sorted.count >= 2, sorted.filter({ $0 == 0 }).count <= 1 else { return nil }
    let median = sorted[(sorted.count - 1) / 2]
    guard median >= Self.least else { return nil }
    self.init(window: window, typical: median)
  }

  /// A partition of which this was said.
  public init(window: Window, typical: Int64) {
    self.window = window
    self.typical = typical
  }
}

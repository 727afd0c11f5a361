/// How much an event matters to those who watch.
public enum EventLevel: String, CaseIterable, Comparable, Sendable {
  /// Only to those who look for a fault.
  case debug
  /// As it should be.
  case info
  /// Somebody may want to look.
  case warning
  /// Somebody has to look.
  case error

  /// Orders by how much it matters.
  public static func < (left: EventLevel, right: EventLevel) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    }
  }
}

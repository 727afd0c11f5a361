/// How many records had which outcome.
public struct OutcomeCounts: Hashable, Sendable {
  private var counts: [Int64]

  /// No records.
  public init() {
    counts = Array(repeating: 0, count: Outcome.allCases.count)
  }

  /// How many records had an outcome.
  public subscript(outcome: Outcome) -> Int64 {
    get { counts[outcome.index] }
    set { counts[outcome.index] = newValue }
  }

  /// How many records there were: every record has exactly one outcome.
  public var read: Int64 { counts.reduce(0, +) }

  /// Adds the counts up.
  public static func + (left: OutcomeCounts, right: OutcomeCounts) -> OutcomeCounts {
    var sum = left
    for outcome in Outcome.allCases { sum[outcome] += right[outcome] }
    return sum
  }
}

extension Outcome {
  fileprivate var index: Int {
    switch self {
    case .inserted: 0
    case .versioned: 1
    case .unchanged: 2
    case .kept: 3
    case .stale: 4
    case .duplicate: 5
    case .rejected: 6
    case .outside: 7
    }
  }
}

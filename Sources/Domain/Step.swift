/// The length of a partition, on the wall clock of the backfill's zone.
///
/// Minutes and hours are elapsed time, counted from the window's first instant. Days, weeks and
/// months are counted on the wall clock from the window's first day, at its time of day; the day of
/// a month that has no such day is its last, and the next is counted from the first day again
/// (31 January, 29 February, 31 March).
public enum Step: Hashable, Sendable {
  /// So many minutes of elapsed time; 1...1440.
  case minutes(Int)
  /// So many hours of elapsed time; 1...8784.
  case hours(Int)
  /// So many calendar days; 1...3660.
  case days(Int)
  /// So many calendar weeks, from the window's first day; 1...520.
  case weeks(Int)
  /// So many calendar months, from the window's first day; 1...120.
  case months(Int)
}

extension Step {
  /// What stands for a step where partitions are sized by what earlier backfills read.
  public static let varying = "auto"
}

extension Step: CustomStringConvertible {
  /// The step as it is written: `30min`, `6h`, `1d`, `1w`, `1mo`.
  public var description: String {
    switch self {
    case .minutes(let count): "\(count)min"
    case .hours(let count): "\(count)h"
    case .days(let count): "\(count)d"
    case .weeks(let count): "\(count)w"
    case .months(let count): "\(count)mo"
    }
  }

  /// The step that a text such as `30min`, `6h`, `1d`, `1w` or `1mo` names.
  public init(_ text: String) throws(InputFault) {
    let span = try Span(text, as: .step)
    let largest = span.unit.largestStep
    guard span.count > 0 else { throw .zeroStep(text) }
    guard span.count <= largest else {
      throw .stepTooLong(text, largest: "\(largest)\(span.unit.rawValue)")
    }
    switch span.unit {
    case .minutes: self = .minutes(span.count)
    case .hours: self = .hours(span.count)
    case .days: self = .days(span.count)
    case .weeks: self = .weeks(span.count)
    case .months: self = .months(span.count)
    }
  }
}

extension Span.Unit {
  fileprivate var largestStep: Int {
    switch self {
    case .minutes: 1_440
    case .hours: 8_784
    case .days: 3_660
    case .weeks: 520
    case .months: 120
    }
  }
}

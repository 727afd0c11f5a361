/// A point in time: microseconds since 1970-01-01 00:00 UTC, the grain of PostgreSQL's timestamptz.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01 00:00 UTC; negative before it.
  public var microseconds: Int64

  /// An instant from microseconds since 1970-01-01 00:00 UTC.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Orders by time.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The instant so many microseconds later; the end of time where that overflows.
  public func adding(microseconds more: Int64) -> Instant {
    let sum = microseconds.addingReportingOverflow(more)
    guard sum.overflow else { return Instant(microseconds: sum.partialValue) }
    return Instant(microseconds: more < 0 ? .min : .max)
  }

  /// Microseconds from an earlier instant to this one; negative where it is later.
  public func microseconds(since earlier: Instant) -> Int64 {
    let difference = microseconds.subtractingReportingOverflow(earlier.microseconds)
    guard difference.overflow else { return difference.partialValue }
    return earlier.microseconds < 0 ? .max : .min
  }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC, as short as it is exact: `2024-03-01T06:00:00Z`, `2024-03-01T06:00:00.250000Z`.
  public var description: String {
    let wall = WallTime(reading: microseconds)
    let seconds = wall.microsecondOfDay % 60_000_000
    return "\(wall.date)T\(wall.timeOfDay)\(seconds == 0 ? ":00" : "")Z"
  }
}

extension Instant {
  /// The instant of a text with an offset: `2024-03-01T06:00Z`, `2024-03-01T06:00:30+02:00`.
  ///
  /// Nil for any other text, one without an offset included. For what people and files of
  /// configuration write; event times of records have their own reader.
  public init?(_ text: some StringProtocol) {
    guard let (wall, offset) = Self.parts(String(text)) else { return nil }
    self = Instant(microseconds: wall.reading).adding(microseconds: -offset)
  }

  private static func parts(_ text: String) -> (WallTime, offset: Int64)? {
    guard text.utf8.count > 11 else { return nil }
    if text.hasSuffix("Z") { return WallTime(text.dropLast()).map { ($0, 0) } }
    guard let offset = offset(text.suffix(6)) else { return nil }
    return WallTime(text.dropLast(6)).map { ($0, offset) }
  }

  private static func offset(_ text: Substring) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
      let hours = Int(digits: bytes[1..<3]), hours < 24, let minutes = Int(digits: bytes[4..<6]),
      minutes < 60
    else { return nil }
    let size = Int64(hours * 60 + minutes) * 60_000_000
    switch bytes[0] {
    case UInt8(ascii: "+"): return size
    case UInt8(ascii: "-"): return -size
    default: return nil
    }
  }
}

/// What a clock on the wall shows: a day and a time of day, without a zone.
public struct WallTime: Hashable, Comparable, Sendable {
  /// The microseconds of a day of 24 hours.
  public static let microsecondsPerDay: Int64 = 86_400_000_000

  /// The day.
  public var date: CivilDate
  /// Microseconds since midnight, 0..<86,400,000,000.
  public var microsecondOfDay: Int64

  /// A day and a time of day, midnight unless given.
  public init(_ date: CivilDate, microsecondOfDay: Int64 = 0) {
    self.date = date
    self.microsecondOfDay = microsecondOfDay
  }

  /// A reading from the microseconds since the reading 1970-01-01 00:00.
  public init(reading: Int64) {
    let day = reading.floored(by: Self.microsecondsPerDay)
    date = CivilDate(dayNumber: Int(day.quotient))
    microsecondOfDay = day.remainder
  }

  /// Microseconds since the reading 1970-01-01 00:00, as if no clock was ever put forward or back.
  public var reading: Int64 {
    let days = Int64(date.dayNumber).multipliedReportingOverflow(by: Self.microsecondsPerDay)
    let sum = days.partialValue.addingReportingOverflow(microsecondOfDay)
    if days.overflow || sum.overflow { return date.dayNumber < 0 ? .min : .max }
    return sum.partialValue
  }

  /// Orders by reading.
  public static func < (left: WallTime, right: WallTime) -> Bool {
    (left.date, left.microsecondOfDay) < (right.date, right.microsecondOfDay)
  }
}

extension WallTime {
  /// A day, or a day and a time of day: `2024-03-01`, `2024-03-01T06:00`, `2024-03-01 06:00:30.25`.
  ///
  /// Nil for any other text. A time of day needs hours and minutes; digits finer than microseconds
  /// are refused.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, let date = CivilDate(text.prefix(10)) else { return nil }
    guard bytes.count > 10 else {
      self.init(date)
      return
    }
    let separators: [UInt8] = [UInt8(ascii: "T"), UInt8(ascii: " ")]
    guard separators.contains(bytes[10]), let time = Self.timeOfDay(bytes[11...]) else {
      return nil
    }
    self.init(date, microsecondOfDay: time)
  }

  private static func timeOfDay(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard 2...3 ~= parts.count, parts[0].count == 2, parts[1].count == 2,
      let hour = Int(digits: parts[0]), hour < 24, let minute = Int(digits: parts[1]), minute < 60
    else { return nil }
    let whole = Int64(hour * 3_600 + minute * 60) * 1_000_000
    guard parts.count == 3 else { return whole }
    guard let seconds = seconds(parts[2]) else { return nil }
    return whole + seconds
  }

  private static func seconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts[0].count == 2, let seconds = Int(digits: parts[0]), seconds < 60 else { return nil }
    guard parts.count == 2 else { return parts.count == 1 ? Int64(seconds) * 1_000_000 : nil }
    guard 1...6 ~= parts[1].count, var fraction = Int(digits: parts[1]) else { return nil }
    for _ in parts[1].count..<6 { fraction *= 10 }
    return Int64(seconds) * 1_000_000 + Int64(fraction)
  }
}

extension WallTime: CustomStringConvertible {
  /// The day, with the time of day unless it is midnight: `2024-03-01`, `2024-03-01T06:00`.
  public var description: String {
    microsecondOfDay == 0 ? date.description : "\(date)T\(timeOfDay)"
  }

  /// The time of day in hours and minutes, `06:00`.
  public var minutes: String {
    let minutes = Int(microsecondOfDay / 60_000_000)
    return "\(padded(minutes / 60, to: 2)):\(padded(minutes % 60, to: 2))"
  }

  /// The time of day as `06:00`, `06:00:30` or `06:00:30.250000`, as short as it is exact.
  public var timeOfDay: String {
    let seconds = Int(microsecondOfDay / 1_000_000)
    let fraction = Int(microsecondOfDay % 1_000_000)
    var text = minutes
    if seconds % 60 != 0 || fraction != 0 { text += ":\(padded(seconds % 60, to: 2))" }
    if fraction != 0 { text += ".\(padded(fraction, to: 6))" }
    return text
  }
}

extension Int64 {
  /// Quotient and remainder of a division that rounds down, so that the remainder is never negative.
  func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

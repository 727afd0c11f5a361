/// A day of the Gregorian calendar, in UTC.
public struct SampleDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01.
  public let number: Int

  /// The day so many days after 1970-01-01.
  public init(number: Int) {
    self.number = number
  }

  /// A day written as `2026-03-31`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text.utf8.count == 10, parts.count == 3, parts[0].count == 4, parts[1].count == 2,
      let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2]),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    self.init(number: daysSince1970(year: year, month: month, day: day))
    // A day that the month does not have is another day when written back.
    guard description == text else { return nil }
  }

  /// The day as `2026-03-31`.
  public var description: String {
    let (year, month, day) = civil
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// Orders by time.
  public static func < (left: SampleDay, right: SampleDay) -> Bool { left.number < right.number }

  /// The first instant, in microseconds since 1970.
  var start: Int64 { Int64(number) * microsecondsPerDay }

  /// Monday is 0, Sunday 6.
  var weekday: Int { ((number + 3) % 7 + 7) % 7 }

  /// Counted in years that begin in March, so that the leap day comes last.
  private var civil: (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1
    )
  }
}

let microsecondsPerDay: Int64 = 86_400_000_000

private func daysSince1970(year: Int, month: Int, day: Int) -> Int {
  let shifted = month <= 2 ? year - 1 : year
  let era = shifted / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

/// A number with zeros before it up to a width.
func padded(_ number: some BinaryInteger, _ width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

/// A number of digits alone; nil for anything else.
func digits(_ text: some StringProtocol) -> Int? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
}

/// A day of the calendar without a zone: year, month and day, proleptic Gregorian.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01; negative before it.
  public let dayNumber: Int

  /// The day so many days after 1970-01-01.
  public init(dayNumber: Int) {
    self.dayNumber = dayNumber
  }

  /// The day of a year, month and day; nil where the calendar has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard 1...9999 ~= year, 1...12 ~= month, day >= 1,
      day <= Self.daysInMonth(month, of: year)
    else { return nil }
    self.init(
      dayNumber: Self.dayNumber(firstOfMonth: month, of: year) + day - 1)
  }

  /// The day written as `YYYY-MM-DD`; nil for any other text and for days that do not exist.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = Int(digits: bytes[0..<4]), let month = Int(digits: bytes[5..<7]),
      let day = Int(digits: bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// The year.
  public var year: Int { components.year }

  /// The month, 1...12.
  public var month: Int { components.month }

  /// The day of the month, 1...31.
  public var day: Int { components.day }

  /// The day of the week, from 1 for Monday to 7 for Sunday.
  public var weekday: Int {
    // 1970-01-01 was a Thursday.
    let shifted = (dayNumber + 3) % 7
    return (shifted < 0 ? shifted + 7 : shifted) + 1
  }

  /// The Monday of the week that holds this day.
  public var startOfWeek: CivilDate { adding(days: 1 - weekday) }

  /// The first day of the month that holds this day.
  public var startOfMonth: CivilDate { adding(days: 1 - day) }

  /// The day so many days later.
  public func adding(days: Int) -> CivilDate {
    CivilDate(dayNumber: dayNumber + days)
  }

  /// The same day of the month so many months later, or that month's last day where it is shorter.
  public func adding(months: Int) -> CivilDate {
    let (year, month, day) = components
    let index = year * 12 + month - 1 + months
    let newYear = index >= 0 ? index / 12 : (index - 11) / 12
    let newMonth = index - newYear * 12 + 1
    let first = Self.dayNumber(firstOfMonth: newMonth, of: newYear)
    return CivilDate(dayNumber: first + min(day, Self.daysInMonth(newMonth, of: newYear)) - 1)
  }

  /// How many days the month has.
  public static func daysInMonth(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Orders by time.
  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.dayNumber < right.dayNumber
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }
}

// The two conversions count in years that begin in March, so that the leap day is the last day of
// its year, and in eras of 400 years, each of 146,097 days.
extension CivilDate {
  /// Year, month and day at once, which costs as much as one of them.
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func dayNumber(firstOfMonth month: Int, of year: Int) -> Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension CivilDate: CustomStringConvertible {
  /// The day as `YYYY-MM-DD`.
  public var description: String {
    let (year, month, day) = components
    return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
  }
}

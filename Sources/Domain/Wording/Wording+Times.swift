extension Wording {
  /// A length of time in its two largest units, the rest cut off: `420 ms`, `2.4 s`, `41 s`, `2 min 10 s`,
  /// `3 h 12 min`, `2 days 3 h`.
  public static func duration(microseconds: Int64) -> String {
    let length = max(0, microseconds)
    if length == 0 { return "0 s" }
    if length < 1_000 { return "<1 ms" }
    if length < 1_000_000 { return "\(length / 1_000) ms" }
    let tenth = length / 100_000 % 10
    if length < 10_000_000, tenth > 0 { return "\(length / 1_000_000).\(tenth) s" }
    let seconds = Int(length / 1_000_000)
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3_600 { return two(seconds / 60, "min", seconds % 60, "s") }
    if seconds < 86_400 { return two(seconds / 3_600, "h", seconds / 60 % 60, "min") }
    let days = seconds / 86_400
    return two(days, days == 1 ? "day" : "days", seconds / 3_600 % 24, "h")
  }

  private static func two(
    _ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String
  ) -> String {
    let first = "\(number(large)) \(largeUnit)"
    return small == 0 ? first : "\(first) \(small) \(smallUnit)"
  }

  /// A step in words: `30 minutes`, `6 hours`, `1 day`, `1 week`, `1 month`.
  public static func step(_ step: Step) -> String {
    switch step {
    case .minutes(let count): Wording.count(count, "minute")
    case .hours(let count): Wording.count(count, "hour")
    case .days(let count): Wording.count(count, "day")
    case .weeks(let count): Wording.count(count, "week")
    case .months(let count): Wording.count(count, "month")
    }
  }

  /// A day: `14 March 2024`; without the year where it is the one that is spoken of.
  public static func day(_ date: CivilDate, in year: Int? = nil) -> String {
    let (itsYear, month, day) = date.components
    return itsYear == year
      ? "\(day) \(months[month - 1])" : "\(day) \(months[month - 1]) \(itsYear)"
  }

  /// An instant on the clocks of a zone: `14 March 2024 06:00`, as exact as it needs to be.
  public static func time(_ instant: Instant, in zone: Zone, year: Int? = nil) -> String {
    let wall = zone.wallTime(at: instant)
    return "\(day(wall.date, in: year)) \(wall.timeOfDay)"
  }

  /// A window with its length and zone: `1 January to 31 March 2024 (91 days), Europe/Berlin`.
  ///
  /// Whole days are named with the last one; other windows by their two instants.
  public static func window(_ window: Window, in zone: Zone) -> String {
    if let days = wholeDays(window, in: zone) {
      return "\(span(days)) (\(count(days.count, "day"))), \(zone.name)"
    }
    let (from, to) = (zone.wallTime(at: window.from), zone.wallTime(at: window.to))
    let start = time(window.from, in: zone)
    let end = from.date == to.date ? to.timeOfDay : time(window.to, in: zone)
    let length = duration(microseconds: window.to.microseconds(since: window.from))
    return "\(start) to \(end) (\(length)), \(zone.name)"
  }

  /// A partition's window in the fewest words: `14 March 2024`, `14 March 2024 06:00 to 12:00`,
  /// `11 to 17 March 2024`.
  public static func partition(_ window: Window, in zone: Zone) -> String {
    if let days = wholeDays(window, in: zone) { return span(days) }
    let (from, to) = (zone.wallTime(at: window.from), zone.wallTime(at: window.to))
    let start = time(window.from, in: zone)
    return from.date == to.date
      ? "\(start) to \(to.timeOfDay)" : "\(start) to \(time(window.to, in: zone))"
  }

  /// The days that a window holds, where it begins and ends with a day.
  static func wholeDays(_ window: Window, in zone: Zone) -> Range<CivilDate>? {
    let (from, to) = (zone.civilDate(of: window.from), zone.civilDate(of: window.to))
    guard from < to, zone.startOfDay(from) == window.from, zone.startOfDay(to) == window.to else {
      return nil
    }
    return from..<to
  }

  private static func span(_ days: Range<CivilDate>) -> String {
    let first = days.lowerBound
    let last = days.upperBound.adding(days: -1)
    guard first < last else { return day(last) }
    if first.startOfMonth == last.startOfMonth { return "\(first.day) to \(day(last))" }
    return "\(day(first, in: last.year)) to \(day(last))"
  }

  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}

extension Range<CivilDate> {
  fileprivate var count: Int { upperBound.dayNumber - lowerBound.dayNumber }
}

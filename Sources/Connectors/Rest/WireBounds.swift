import Domain

/// How a source's filter wants the bounds of a window, which inside is always `[from, to)`.
///
/// The bounds sent cover the window and as little more as the filter's grain allows; what lies
/// beyond is left out afterwards, record by record.
struct WireBounds: Hashable, Sendable {
  /// Whether the filter's first bound is itself inside.
  enum Lower: String, CaseIterable, Sendable {
    case gte, gt
  }

  /// Whether the filter's second bound is itself inside.
  enum Upper: String, CaseIterable, Sendable {
    case lt, lte
  }

  /// The finest step in which the filter tells times apart.
  enum Grain: String, CaseIterable, Sendable {
    case microsecond, millisecond, second, minute, hour, day

    /// How many microseconds long it is; a day is a day of the calendar, and this its usual length.
    var microseconds: Int64 {
      switch self {
      case .microsecond: 1
      case .millisecond: 1_000
      case .second: 1_000_000
      case .minute: 60_000_000
      case .hour: 3_600_000_000
      case .day: WallTime.microsecondsPerDay
      }
    }
  }

  /// How a bound is written.
  enum Format: Hashable, Sendable {
    /// One of the usual formats.
    case named(Name)
    /// As a pattern says.
    case pattern(TimePattern)

    /// The usual formats.
    enum Name: String, CaseIterable, Sendable {
      /// Seconds since 1970.
      case epochSeconds = "epoch_seconds"
      /// Milliseconds since 1970.
      case epochMilliseconds = "epoch_milliseconds"
      /// RFC 3339 with the offset of the zone.
      case rfc3339
      /// The day in the zone, `2024-03-01`.
      case date
      /// A date of HTTP, `Fri, 01 Mar 2024 06:00:00 GMT`.
      case http
    }

    static let epochSeconds = Format.named(.epochSeconds)
    static let epochMilliseconds = Format.named(.epochMilliseconds)
    static let rfc3339 = Format.named(.rfc3339)
    static let date = Format.named(.date)

    /// The finest grain that can be written so.
    var finestGrain: Grain {
      switch self {
      case .named(.epochSeconds), .named(.http): .second
      case .named(.epochMilliseconds): .millisecond
      case .named(.rfc3339): .microsecond
      case .named(.date): .day
      case .pattern(let pattern): pattern.finestGrain
      }
    }

    /// Whether only a reading of the zone's clocks is written, which may come twice.
    var isWallClock: Bool {
      switch self {
      case .named(let name): name == .date
      case .pattern(let pattern): !pattern.hasOffset
      }
    }
  }

  /// Whether `window.from` is inside.
  var from: Lower
  /// Whether `window.to` is inside.
  var to: Upper
  /// The finest step in which the filter tells times apart; `day` exactly where the format writes
  /// days.
  var grain: Grain
  /// How bounds are written.
  var format: Format
  /// The zone of days and offsets.
  var zone: Zone

  /// The bounds to send for a window.
  func texts(of window: Window) -> (from: String, to: String) {
    // In grains: the first and the first after, both rounded outwards.
    let first = grains(at: window.from, isEnd: false)
    let end = grains(at: window.to.adding(microseconds: -1), isEnd: true) + 1
    return (
      text(ofGrains: from == .gte ? first : first - 1), text(ofGrains: to == .lt ? end : end - 1)
    )
  }

  /// The text of a day of the zone.
  func text(of date: CivilDate) -> String { text(ofGrains: Int64(date.dayNumber)) }

  /// The days of the zone that a window touches, in order.
  func dates(of window: Window) -> ClosedRange<CivilDate> {
    let first = zone.civilDate(of: window.from)
    return first...max(first, zone.civilDate(of: window.to.adding(microseconds: -1)))
  }

  /// How many whole grains lie between 1970 and the instant; days are counted in the zone, and so
  /// is whatever is written without its offset.
  private func grains(at instant: Instant, isEnd: Bool) -> Int64 {
    if grain == .day { return Int64(zone.civilDate(of: instant).dayNumber) }
    let reading = format.isWallClock ? wallReading(at: instant, isEnd: isEnd) : instant.microseconds
    let (quotient, remainder) = reading.quotientAndRemainder(dividingBy: grain.microseconds)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// What the clocks of the zone show.
  ///
  /// Where they go back, readings come twice, and a source that compares readings must be given
  /// bounds around both: the first bound moves before what is shown again later, the end behind what
  /// was shown before.
  private func wallReading(at instant: Instant, isEnd: Bool) -> Int64 {
    let near = instant.adding(microseconds: isEnd ? -Self.longestFold : Self.longestFold)
    let here = Int64(zone.offset(at: instant))
    let there = Int64(zone.offset(at: near))
    let offset = isEnd ? max(here, there) : min(here, there)
    return instant.adding(microseconds: offset * 1_000_000).microseconds
  }

  /// Longer than clocks were ever put back, in microseconds: three hours.
  private static let longestFold: Int64 = 10_800_000_000

  private func text(ofGrains count: Int64) -> String {
    if grain == .day { return text(ofDay: CivilDate(dayNumber: Int(count))) }
    let reading = count * grain.microseconds
    let instant = Instant(microseconds: reading)
    switch format {
    case .named(.date): return zone.civilDate(of: instant).description
    case .named(.epochSeconds): return String(reading / 1_000_000)
    case .named(.epochMilliseconds): return String(reading / 1_000)
    case .named(.rfc3339): return rfc3339(instant)
    case .named(.http): return http(instant)
    case .pattern(let pattern):
      let offset = zone.offset(at: instant)
      let wall = format.isWallClock ? WallTime(reading: reading) : zone.wallTime(at: instant)
      return pattern.text(of: wall, offset: offset)
    }
  }

  private func text(ofDay date: CivilDate) -> String {
    guard case .pattern(let pattern) = format else { return date.description }
    return pattern.text(of: WallTime(date), offset: zone.offset(at: zone.startOfDay(date)))
  }

  private func http(_ instant: Instant) -> String {
    let wall = WallTime(reading: instant.microseconds)
    let (year, month, day) = wall.date.components
    let time = wall.timeOfDay.utf8.count == 5 ? "\(wall.timeOfDay):00" : "\(wall.timeOfDay)"
    return "\(Self.weekdays[wall.date.weekday - 1]), \(day < 10 ? "0" : "")\(day) "
      + "\(RetryAfter.months[month - 1]) \(year) \(time) GMT"
  }

  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  private func rfc3339(_ instant: Instant) -> String {
    let offset = zone.offset(at: instant)
    if offset % 60 != 0 || offset == 0 { return instant.description }
    let wall = instant.adding(microseconds: Int64(offset) * 1_000_000).description.dropLast()
    let minutes = abs(offset) / 60
    let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(wall)\(offset < 0 ? "-" : "+")\(parts[0]):\(parts[1])"
  }
}

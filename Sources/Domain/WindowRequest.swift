/// The window that a person asks for, not yet computed: two bounds, or the last so many units.
public struct WindowRequest: Hashable, Sendable {
  private enum Form: Hashable, Sendable {
    case between(from: String, to: String)
    case last(Span, text: String)
  }

  private let form: Form

  /// A request from the three options, of which `last` or the other two are given.
  public init(from: String?, to: String?, last: String?) throws(InputFault) {
    switch (from, to, last) {
    case (let from?, let to?, nil): form = .between(from: from, to: to)
    case (nil, nil, let last?): form = .last(try Span(last, as: .last), text: last)
    case (_, _, _?): throw .window(.boundsAndLast)
    case (nil, nil, nil): throw .window(.missing)
    case (nil, _?, nil): throw .window(.missingBound(.from))
    case (_?, nil, nil): throw .window(.missingBound(.to))
    }
  }

  /// The window, computed once on the wall clock of a zone.
  ///
  /// A bound is a date, a wall time, or an instant with its own offset. `zoneIsGiven` is false where
  /// the zone is only a default: dates are then taken, and wall times refused. `last` are the last
  /// complete units before `now`: whole days from midnight, weeks from Monday, months from the
  /// first, hours and minutes of the wall clock.
  public func window(in zone: Zone, zoneIsGiven: Bool = true, now: Instant)
    throws(InputFault) -> Window
  {
    switch form {
    case .last(let span, let text):
      return try Self.last(span, text, zone: zone, now: now)
    case .between(let from, let to):
      let start = try Self.instant(.from, from, zone: zone, zoneIsGiven: zoneIsGiven)
      let end = try Self.instant(.to, to, zone: zone, zoneIsGiven: zoneIsGiven)
      let window = Window(from: start, to: end)
      try Self.check(window, from: from, to: to, zone: zone, now: now)
      return window
    }
  }
}

// Two bounds
extension WindowRequest {
  private static func instant(
    _ bound: InputFault.Bound, _ text: String, zone: Zone, zoneIsGiven: Bool
  ) throws(InputFault) -> Instant {
    let instant: Instant
    if let wall = WallTime(text) {
      guard zoneIsGiven || text.utf8.count == 10 else {
        throw .window(.boundWithoutZone(bound, text))
      }
      instant = zone.instant(at: wall)
    } else if let exact = Instant(text) {
      instant = exact
    } else {
      throw fault(bound, text)
    }
    guard zone.civilDate(of: instant) >= earliest else { throw .window(.tooEarly(text)) }
    return instant
  }

  private static func fault(_ bound: InputFault.Bound, _ text: String) -> InputFault {
    let form = text.prefix(10).utf8.map { 48...57 ~= $0 ? "0" : Character(UnicodeScalar($0)) }
    return String(form) == "0000-00-00" && CivilDate(text.prefix(10)) == nil
      ? .window(.noSuchDay(bound, text)) : .window(.badBound(bound, text))
  }

  private static func check(
    _ window: Window, from: String, to: String, zone: Zone, now: Instant
  ) throws(InputFault) {
    if window.from > window.to { throw .window(.reversed(from: from, to: to)) }
    if window.from == window.to {
      if let first = WallTime(from), let last = WallTime(to), first < last {
        throw .window(.skipped(from: from, to: to, zone: zone.name))
      }
      throw .window(
        .empty(from: from, nextDay: zone.civilDate(of: window.from).adding(days: 1)))
    }
    if window.to > now {
      throw .window(.inFuture(to: to, now: zone.wallTime(at: now), zone: zone.name))
    }
  }

  /// The first day a window may begin on; before it zones kept local mean times.
  private static let earliest = CivilDate(dayNumber: -25_567)
}

// The last so many units
extension WindowRequest {
  private static func last(_ span: Span, _ text: String, zone: Zone, now: Instant)
    throws(InputFault) -> Window
  {
    guard span.count > 0 else { throw .window(.lastOfNothing(text)) }
    let window = last(span, zone: zone, now: now)
    guard zone.civilDate(of: window.from) >= earliest else {
      throw .window(.tooEarly("--last \(text)"))
    }
    return window
  }

  private static func last(_ span: Span, zone: Zone, now: Instant) -> Window {
    let today = zone.civilDate(of: now)
    switch span.unit {
    case .minutes: return elapsed(span.count, of: 60_000_000, zone: zone, now: now)
    case .hours: return elapsed(span.count, of: 3_600_000_000, zone: zone, now: now)
    case .days: return days(from: today.adding(days: -span.count), to: today, zone: zone)
    case .weeks:
      let monday = today.startOfWeek
      return days(from: monday.adding(days: -7 * span.count), to: monday, zone: zone)
    case .months:
      let first = today.startOfMonth
      return days(from: first.adding(months: -span.count), to: first, zone: zone)
    }
  }

  private static func days(from: CivilDate, to: CivilDate, zone: Zone) -> Window {
    Window(from: zone.startOfDay(from), to: zone.startOfDay(to))
  }

  private static func elapsed(_ count: Int, of unit: Int64, zone: Zone, now: Instant) -> Window {
    let into = zone.wallTime(at: now).microsecondOfDay % unit
    let end = now.adding(microseconds: -into)
    return Window(from: end.adding(microseconds: -Int64(count) * unit), to: end)
  }
}

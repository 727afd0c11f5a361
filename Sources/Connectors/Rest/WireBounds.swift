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
    case microsecond, millisecond, second, minute, day

    /// How many microseconds long it is; a day is a day of the calendar, and this its usual length.
    var microseconds: Int64 {
      switch self {
      case .microsecond: 1
      case .millisecond: 1_000
      case .second: 1_000_000
      case .minute: 60_000_000
      case .day: WallTime.microsecondsPerDay
      }
    }
  }

  /// How a bound is written.
  enum Format: String, CaseIterable, Sendable {
    /// Seconds since 1970.
    case epochSeconds = "epoch_seconds"
    /// Milliseconds since 1970.
    case epochMilliseconds = "epoch_milliseconds"
    /// RFC 3339 with the offset of the zone.
    case rfc3339
    /// The day in the zone, `2024-03-01`.
    case date

    /// The finest grain that can be written so.
    var finestGrain: Grain {
      switch self {
      case .epochSeconds: .second
      case .epochMilliseconds: .millisecond
      case .rfc3339: .microsecond
      case .date: .day
      }
    }
  }

  /// Whether `window.from` is inside.
  var from: Lower
  /// Whether `window.to` is inside.
  var to: Upper
  /// The finest step in which the filter tells times apart; `day` exactly where the format is
  /// `date`.
  var grain: Grain
  /// How bounds are written.
  var format: Format
  /// The zone of days and offsets.
  var zone: Zone

  /// The bounds to send for a window.
  func texts(of window: Window) -> (from: String, to: String) {
    // In grains: the first and the first after, both rounded outwards.
    let first = grains(at: window.from)
    let end = grains(at: window.to.adding(microseconds: -1)) + 1
    return (
      text(ofGrains: from == .gte ? first : first - 1), text(ofGrains: to == .lt ? end : end - 1)
    )
  }

  /// How many whole grains lie between 1970 and the instant; days are counted in the zone.
  private func grains(at instant: Instant) -> Int64 {
    if grain == .day { return Int64(zone.civilDate(of: instant).dayNumber) }
    let (quotient, remainder) = instant.microseconds.quotientAndRemainder(
      dividingBy: grain.microseconds)
    return remainder < 0 ? quotient - 1 : quotient
  }

  private func text(ofGrains count: Int64) -> String {
    let instant = Instant(microseconds: count * grain.microseconds)
    switch format {
    case .date: return CivilDate(dayNumber: Int(count)).description
    case .epochSeconds: return String(instant.microseconds / 1_000_000)
    case .epochMilliseconds: return String(instant.microseconds / 1_000)
    case .rfc3339: return rfc3339(instant)
    }
  }

  private func rfc3339(_ instant: Instant) -> String {
    let offset = zone.offset(at: instant)
    if offset % 60 != 0 || offset == 0 { return instant.description }
    let wall = instant.adding(microseconds: Int64(offset) * 1_000_000).description.dropLast()
    let minutes = abs(offset) / 60
    let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(wall)\(offset < 0 ? "-" : "+")\(parts[0]):\(parts[1])"
  }
}

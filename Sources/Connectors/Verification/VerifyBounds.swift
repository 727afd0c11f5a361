import Domain

/// How the bounds of a window are written when a source is asked to verify.
///
/// A list is asked for with so much room around the window that it does not matter whether the
/// source takes its bounds to be inside. Totals have no such room: there the bounds must be exact,
/// or there are no totals.
struct VerifyBounds: Hashable, Sendable {
  /// How a bound is written.
  enum Format: String, CaseIterable, Sendable {
    case epochSeconds = "epoch_seconds"
    case epochMilliseconds = "epoch_milliseconds"
    case rfc3339
    case date
  }

  /// The finest step in which the source tells times apart.
  enum Grain: String, CaseIterable, Sendable {
    case microsecond, millisecond, second, minute, day
  }

  /// Whether the first bound is itself inside.
  var includesFrom: Bool
  /// Whether the last bound is itself inside.
  var includesTo: Bool
  /// How bounds are written.
  var format: Format
  /// The finest step.
  var grain: Grain
  /// The zone of days.
  var zone: Zone

  /// Bounds that lie at least a margin outside of the window.
  func around(_ window: Window, margin: Int64) -> (from: String, to: String) {
    let first = window.from.adding(microseconds: -margin)
    let last = window.to.adding(microseconds: margin)
    return (text(of: first, roundedUp: false), text(of: last, roundedUp: true))
  }

  /// The bounds of exactly this window; nil where the source cannot tell them apart from others.
  func exactly(_ window: Window) -> (from: String, to: String)? {
    if grain == .day { return exactDays(window) }
    let step = stepMicroseconds
    guard window.from.microseconds % step == 0, window.to.microseconds % step == 0 else {
      return nil
    }
    let first = includesFrom ? window.from : window.from.adding(microseconds: -step)
    let last = includesTo ? window.to.adding(microseconds: -step) : window.to
    return (text(of: first, roundedUp: false), text(of: last, roundedUp: false))
  }

  private func exactDays(_ window: Window) -> (from: String, to: String)? {
    let first = zone.civilDate(of: window.from)
    let end = zone.civilDate(of: window.to)
    guard zone.startOfDay(first) == window.from, zone.startOfDay(end) == window.to else {
      return nil
    }
    return (
      first.adding(days: includesFrom ? 0 : -1).description,
      end.adding(days: includesTo ? -1 : 0).description
    )
  }

  private var stepMicroseconds: Int64 {
    switch grain {
    case .microsecond: 1
    case .millisecond: 1_000
    case .second: 1_000_000
    case .minute: 60_000_000
    case .day: 86_400_000_000
    }
  }

  private func text(of instant: Instant, roundedUp: Bool) -> String {
    switch format {
    case .epochSeconds: String(divided(instant, by: 1_000_000, up: roundedUp))
    case .epochMilliseconds: String(divided(instant, by: 1_000, up: roundedUp))
    case .rfc3339: instant.description
    case .date: zone.civilDate(of: instant).adding(days: roundedUp ? 1 : 0).description
    }
  }

  private func divided(_ instant: Instant, by unit: Int64, up: Bool) -> Int64 {
    let quotient = instant.microseconds / unit
    let rest = instant.microseconds % unit
    if up, rest > 0 { return quotient + 1 }
    return rest < 0 && !up ? quotient - 1 : quotient
  }
}

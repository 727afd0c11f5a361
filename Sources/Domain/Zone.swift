import FoundationEssentials
import FoundationInternationalization

/// A time zone by its IANA name, with every change of its offset from 1850 to 2199.
///
/// Days and wall times follow two rules, which hold across every change of the clock:
/// - A wall time stands for the first instant at which the clock of the zone shows it or a later
///   reading. A reading that the clock skips is the instant of the skip; of a reading that comes
///   twice it is the first.
/// - A day begins at its 00:00 by that rule, and ends where the next begins. Where the clock goes
///   back over midnight, the repeated hour belongs to the later day, so that days never interleave.
///   A day that the clock skips whole (Apia, 2011-12-30) has no length.
public struct Zone: Hashable, Sendable {
  /// The IANA name as it was given, such as `Europe/Berlin`.
  public let name: String

  /// The stretches of constant offset, in order; never empty.
  private let stretches: [Stretch]

  /// Coordinated universal time.
  public static let utc = Zone(
    name: "UTC", stretches: [Stretch(start: .min, offset: 0, reached: .min)])

  /// The zone of an IANA name.
  ///
  /// Abbreviations (`PST`, `GMT+3`) and unknown names are refused, with the nearest name.
  public init(_ name: String) throws(InputFault) {
    if name == "UTC" {
      self = .utc
      return
    }
    guard ZoneNames.isIANA(name), let zone = TimeZone(identifier: name) else {
      throw .unknownZone(name, nearest: ZoneNames.nearest(to: name))
    }
    self.init(name: name, stretches: Stretch.all(of: zone))
  }

  private init(name: String, stretches: [Stretch]) {
    self.name = name
    self.stretches = stretches
  }

  /// Zones are the same when their names are.
  public static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

// Conversions
extension Zone {
  /// How far the clocks of the zone are ahead of UTC at an instant, in seconds.
  public func offset(at instant: Instant) -> Int {
    Int(stretches[index(at: instant)].offset / 1_000_000)
  }

  /// What the clocks of the zone show at an instant.
  public func wallTime(at instant: Instant) -> WallTime {
    let offset = stretches[index(at: instant)].offset
    return WallTime(reading: instant.adding(microseconds: offset).microseconds)
  }

  /// The first instant at which the clocks show the wall time or a later one.
  public func instant(at wall: WallTime) -> Instant {
    let reading = wall.reading
    let stretch = stretches[index(reaching: reading)]
    let sum = reading.subtractingReportingOverflow(stretch.offset)
    guard !sum.overflow else { return Instant(microseconds: reading) }
    return Instant(microseconds: max(stretch.start, sum.partialValue))
  }

  /// The first instant of a day.
  public func startOfDay(_ date: CivilDate) -> Instant {
    instant(at: WallTime(date))
  }

  /// The day to which an instant belongs; it never goes back as time goes on.
  public func civilDate(of instant: Instant) -> CivilDate {
    let stretch = stretches[index(at: instant)]
    var reading = instant.adding(microseconds: stretch.offset).microseconds
    if reading < stretch.reached { reading = stretch.reached - 1 }
    return CivilDate(dayNumber: Int(reading.floored(by: WallTime.microsecondsPerDay).quotient))
  }

  /// The last stretch that begins at the instant or before.
  private func index(at instant: Instant) -> Int {
    lastIndex { $0.start <= instant.microseconds }
  }

  /// The stretch in which the clock first shows the reading or a later one.
  private func index(reaching reading: Int64) -> Int {
    lastIndex { $0.reached <= reading }
  }

  /// The last stretch of which something holds that holds of all stretches before it too.
  private func lastIndex(where holds: (Stretch) -> Bool) -> Int {
    var low = 0
    var high = stretches.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(stretches[middle]) { low = middle } else { high = middle }
    }
    return low
  }
}

/// A stretch of time in which the offset of a zone does not change; all in microseconds.
private struct Stretch: Sendable {
  /// Its first instant.
  var start: Int64
  /// How far the clocks are ahead of UTC.
  var offset: Int64
  /// The reading that the clocks had come up to before it, itself not shown.
  var reached: Int64

  static func all(of zone: TimeZone) -> [Stretch] {
    _ = linkedForZones
    // 1850 and 2200: before the first zone left its local mean time, and after the rules end that
    // anybody can know.
    var moment = Date(timeIntervalSince1970: -3_786_825_600)
    let end = Date(timeIntervalSince1970: 7_258_118_400)
    let first = Int64(zone.secondsFromGMT(for: moment)) * 1_000_000
    var stretches = [Stretch(start: .min, offset: first, reached: .min)]
    while let next = zone.nextDaylightSavingTimeTransition(after: moment), next > moment, next < end
    {
      moment = next
      let start = Int64(next.timeIntervalSince1970) * 1_000_000
      let offset = Int64(zone.secondsFromGMT(for: next)) * 1_000_000
      stretches.append(after: start, offset: offset)
    }
    return stretches
  }
}

/// Foundation finds its time zones in a library that a statically linked program drops unless
/// something of it is named; without this every IANA name is unknown there.
private let linkedForZones: Any.Type = Date.FormatStyle.self

extension [Stretch] {
  fileprivate mutating func append(after start: Int64, offset: Int64) {
    guard let last, last.offset != offset else { return }
    append(
      Stretch(start: start, offset: offset, reached: Swift.max(last.reached, start + last.offset)))
  }
}

/// Where the windows of a source may be cut, as its connector says.
public struct SplitRule: Hashable, Sendable {
  /// The finest step in which a source's filter tells times apart.
  public enum Grain: Hashable, Sendable {
    /// So many microseconds, counted from 1970; at least one.
    case microseconds(Int64)
    /// A day of the calendar, in the rule's zone.
    case day
  }

  /// Windows are cut only where a grain begins.
  public var grain: Grain
  /// No part is shorter than so many microseconds, however much it holds.
  public var least: Int64
  /// Whether the source gives the records of a window from the oldest on, so that what is half read
  /// can be cut at the time reached.
  public var isAscending: Bool
  /// The zone whose days and hours are cut at where a window is long enough.
  public var zone: Zone

  /// A rule; what is not given is as for a source of which nothing is known: whole seconds, in no
  /// particular order.
  public init(
    grain: Grain = .microseconds(1_000_000), least: Int64 = 1_000_000, isAscending: Bool = false,
    zone: Zone = .utc
  ) {
    self.grain = grain
    self.least = max(1, least)
    self.isAscending = isAscending
    self.zone = zone
  }
}

extension SplitRule {
  /// Where to cut a window in two, about its middle; nil where no cut leaves both parts long enough.
  ///
  /// The beginning of a day is taken where one lies in the middle half, else that of an hour, a
  /// minute, a second, and at last of any grain.
  public func middle(of window: Window) -> Instant? {
    let length = window.to.microseconds(since: window.from)
    let half = window.from.adding(microseconds: length / 2)
    for unit in units {
      let near = beginnings(of: unit, about: half).filter { allows($0, in: window) }
      guard let cut = near.min(by: { $0.distance(to: half) < $1.distance(to: half) }) else {
        continue
      }
      if unit == grain || cut.distance(to: half) <= length / 4 { return cut }
    }
    return nil
  }

  /// The last instant, not after another, at which a grain begins.
  public func floor(_ instant: Instant) -> Instant {
    beginnings(of: grain, about: instant)[0]
  }

  /// Whether a window may be cut at an instant.
  public func allows(_ cut: Instant, in window: Window) -> Bool {
    floor(cut) == cut && cut > window.from && cut < window.to
      && cut.microseconds(since: window.from) >= least
      && window.to.microseconds(since: cut) >= least
  }

  /// What cuts are looked for at, the coarse first; the grain is the last.
  private var units: [Grain] {
    guard case .microseconds(let length) = grain else { return [.day] }
    let coarse: [Int64] = [3_600_000_000, 60_000_000, 1_000_000]
    return [.day] + coarse.filter { $0 > length }.map { .microseconds($0) } + [grain]
  }

  /// The beginnings of the unit in which an instant lies and of the next.
  private func beginnings(of unit: Grain, about instant: Instant) -> [Instant] {
    switch unit {
    case .day:
      let day = zone.civilDate(of: instant)
      return [zone.startOfDay(day), zone.startOfDay(day.adding(days: 1))]
    case .microseconds(let length):
      let size = max(1, length)
      let remainder = instant.microseconds.floored(by: size).remainder
      let first = instant.adding(microseconds: -remainder)
      return [first, first.adding(microseconds: size)]
    }
  }
}

extension Instant {
  /// Microseconds between two instants, whichever is the later.
  func distance(to other: Instant) -> Int64 {
    max(microseconds(since: other), other.microseconds(since: self))
  }
}

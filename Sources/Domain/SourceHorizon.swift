/// What a source can give yet, and still: how late its records settle, how long it keeps them, and
/// over which span it changes them afterwards.
public struct SourceHorizon: Hashable, Sendable {
  /// Microseconds until the records of a moment can be relied on to be there; nil where at once.
  public var settleLag: Int64?
  /// Microseconds after which the source gives records no more; nil where it keeps them.
  public var retention: Int64?
  /// Microseconds back from now for which the source may still add or change records, so that they
  /// are read again; nil where it does not.
  public var reread: Int64?
  /// Whether the source filters nothing, so that every partition reads the whole stream.
  public var filtersNothing: Bool

  /// A horizon; without bounds unless given.
  public init(
    settleLag: Int64? = nil, retention: Int64? = nil, reread: Int64? = nil,
    filtersNothing: Bool = false
  ) {
    self.settleLag = settleLag
    self.retention = retention
    self.reread = reread
    self.filtersNothing = filtersNothing
  }

  /// No bounds.
  public static let none = SourceHorizon()

  /// The first instant whose records cannot be relied on yet.
  public func settled(at now: Instant) -> Instant {
    now.adding(microseconds: -(settleLag ?? 0))
  }

  /// The first instant of which the source still gives records; nil where it keeps all.
  public func kept(at now: Instant) -> Instant? {
    retention.map { now.adding(microseconds: -$0) }
  }

  /// The first instant that is read again although it was read before; nil where none is.
  public func rereadFrom(at now: Instant) -> Instant? {
    reread.map { now.adding(microseconds: -$0) }
  }

  /// What people should know before a window is read in so many partitions, one sentence each.
  public func warnings(
    for window: Window, partitions: Int, in zone: Zone, now: Instant
  ) -> [String] {
    var warnings: [String] = []
    if let retention, let kept = kept(at: now), window.from < kept {
      warnings.append(
        "The source keeps records for \(Self.words(retention)): of what was before "
          + "\(zone.civilDate(of: kept)) it will give little or nothing, however it is asked.")
    }
    if filtersNothing, partitions > 1 {
      warnings.append(
        "The source cannot filter by time, so that each of the \(Wording.number(partitions)) "
          + "partitions reads the whole stream; take one step as long as the window.")
    }
    return warnings
  }

  /// A stretch of time in its largest whole unit.
  static func words(_ microseconds: Int64) -> String {
    let units: [(Int64, String)] = [
      (86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"),
    ]
    let seconds = Int(microseconds / 1_000_000)
    guard
      let (size, unit) = units.first(where: { microseconds >= $0.0 && microseconds % $0.0 == 0 })
    else { return Wording.count(seconds, "second") }
    return Wording.count(Int(microseconds / size), unit)
  }
}

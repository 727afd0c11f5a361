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

  /// A horizon; without bounds unless given.
  public init(settleLag: Int64? = nil, retention: Int64? = nil, reread: Int64? = nil) {
    self.settleLag = settleLag
    self.retention = retention
    self.reread = reread
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
}

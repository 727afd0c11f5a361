import Domain

/// A run of records that lie behind one another in a file, and the stretch of time they span.
///
/// A record of which no time can be read belongs to the time of the record before it. So it is
/// reported once, by the partition that its neighbour belongs to.
struct Block: Hashable, Sendable {
  /// Where its first record begins.
  var start: Int64
  /// Where the next block begins, or the file ends.
  var end: Int64
  /// The time of the record before its first one.
  var before: Int64
  /// The earliest time of its records.
  var earliest: Int64
  /// The latest time of its records.
  var latest: Int64

  /// Whether a record of it may lie in the window.
  func mayMeet(_ window: Window) -> Bool {
    earliest < window.to.microseconds && latest >= window.from.microseconds
  }

  /// Whether the byte at an offset belongs to it.
  func contains(_ offset: Int64) -> Bool { start <= offset && offset < end }

  /// The block that holds this one's records and those of the next.
  func joined(with next: Block) -> Block {
    Block(
      start: start, end: next.end, before: before, earliest: min(earliest, next.earliest),
      latest: max(latest, next.latest))
  }
}

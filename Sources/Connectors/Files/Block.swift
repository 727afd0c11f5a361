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
  /// Whether `before` is not the time of the record that lies before it, so that it cannot be joined
  /// with that one's block.
  var standsApart = false

  /// Whether a record of it may lie in the window.
  func mayMeet(_ window: Window) -> Bool {
    earliest < window.to.microseconds && latest >= window.from.microseconds
  }

  /// Whether the byte at an offset belongs to it.
  func contains(_ offset: Int64) -> Bool { start <= offset && offset < end }
}

extension [Block] {
  /// Half as many blocks, each two joined to one, but for those that stand apart.
  var halved: [Block] {
    var joined: [Block] = []
    joined.reserveCapacity(count / 2 + 1)
    var canJoin = false
    for block in self {
      if canJoin, !block.standsApart {
        joined[joined.count - 1].join(block)
        canJoin = false
      } else {
        joined.append(block)
        canJoin = true
      }
    }
    return joined
  }
}

extension Block {
  /// Takes in the records of the next block.
  fileprivate mutating func join(_ next: Block) {
    end = next.end
    earliest = min(earliest, next.earliest)
    latest = max(latest, next.latest)
  }
}

import Glibc

extension RecordScan {
  /// Reads a document whose records lie at the end of a way of stages.
  mutating func scanDocument(
    along stages: [RecordStage], outerFields: [Int]
  ) throws(ScanFault) {
    self.stages = stages
    self.outerFields = outerFields
    lastSeen = Array(repeating: 0, count: matcher.entryCount)
    let start = skipSpace(skipByteOrderMark(base))
    let end = try scanEnvelope(start, entry: PathTable.documentRoot, Place(stage: 0, stamp: 1))
    let rest = skipSpace(end)
    guard rest == limit else { throw ScanFault(position: rest, expected: .end) }
    guard foundRecords else { throw ScanFault(position: limit, expected: .records) }
  }

  /// Reads lines, each a record.
  mutating func scanLines() {
    let end = limit
    var line = base
    while line < end {
      let lineFeed = memchr(line, 0x0a, end - line)
      limit = lineFeed.map { Position($0.assumingMemoryBound(to: UInt8.self)) } ?? end
      let start = skipSpace(skipByteOrderMark(line))
      if start < limit { scanLine(start) }
      line = limit + 1
    }
  }

  private mutating func scanLine(_ start: Position) {
    do throws(ScanFault) {
      let end = try readRecord(start)
      let rest = skipSpace(end)
      guard rest == limit else { throw ScanFault(position: rest, expected: .end) }
      endRecord(start: start, end: end)
    } catch {
      noteMalformedRecord(start: start, end: lastByte(from: start))
    }
  }

  /// The end of the line without the white space that trails it.
  private func lastByte(from start: Position) -> Position {
    var end = limit
    while end > start, end[-1] <= 0x20 { end -= 1 }
    return max(end, start + 1)
  }

  /// Files from some systems begin with a byte order mark, also in the middle of a concatenation.
  private func skipByteOrderMark(_ start: Position) -> Position {
    guard limit - start >= 3, start[0] == 0xef, start[1] == 0xbb, start[2] == 0xbf else {
      return start
    }
    return start + 3
  }
}

import Glibc

extension RecordScan {
  /// Reads a document whose records lie at an entry of the path table.
  mutating func scanDocument(recordsAt records: Int32) throws(ScanFault) {
    var progress = EnvelopeProgress(records: records, entryCount: matcher.entryCount)
    let start = skipSpace(skipByteOrderMark(base))
    let end = try scanEnvelope(start, entry: PathTable.documentRoot, &progress)
    let rest = skipSpace(end)
    guard rest == limit else { throw ScanFault(position: rest, expected: .end) }
    guard progress.foundRecords else { throw ScanFault(position: limit, expected: .records) }
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

  // MARK: The document around the records

  private mutating func scanEnvelope(
    _ start: Position, entry: Int32, _ progress: inout EnvelopeProgress
  ) throws(ScanFault) -> Position {
    let value: ScannedValue
    if entry == progress.records {
      value = ScannedValue(try scanRecords(start), .array)
      progress.foundRecords = true
    } else if start < limit, start.pointee == UInt8(ascii: "{"), matcher.hasChildren(entry) {
      value = ScannedValue(try scanEnvelopeObject(start, entry: entry, &progress), .object)
    } else {
      value = try scanValue(start, entry: PathTable.none, depth: 0)
      try dropFlaw(start)
      forgetKeys()
    }
    storeEnvelope(entry, start: start, value)
    return value.end
  }

  private mutating func scanEnvelopeObject(
    _ start: Position, entry: Int32, _ progress: inout EnvelopeProgress
  ) throws(ScanFault) -> Position {
    var position = skipSpace(start + 1)
    if position < limit, position.pointee == UInt8(ascii: "}") { return position + 1 }
    while true {
      let key = try scanKey(position)
      try dropFlaw(position)
      let child = matcher.entry(of: key.text, below: entry)
      guard progress.isFirst(child) else {
        throw ScanFault(position: position, expected: .uniqueKey)
      }
      position = skipSpace(try scanEnvelope(key.valueStart, entry: child, &progress))
      guard position < limit else { throw ScanFault(position: position, expected: .commaOrBrace) }
      switch position.pointee {
      case UInt8(ascii: ","): position = skipSpace(position + 1)
      case UInt8(ascii: "}"): return position + 1
      default: throw ScanFault(position: position, expected: .commaOrBrace)
      }
    }
  }

  /// What spoils a record is no matter outside of the records, except bytes that are no text.
  private mutating func dropFlaw(_ start: Position) throws(ScanFault) {
    guard flaw != .invalidUTF8 else { throw ScanFault(position: start, expected: .validUTF8) }
    flaw = nil
  }

  private mutating func scanRecords(_ start: Position) throws(ScanFault) -> Position {
    guard start < limit else { throw ScanFault(position: start, expected: .value) }
    guard start.pointee == UInt8(ascii: "[") else {
      // A byte that begins no value is a broken grammar, not a wrong place for the records.
      _ = try scanValue(start, entry: PathTable.none, depth: 0)
      throw ScanFault(position: start, expected: .records)
    }
    var position = skipSpace(start + 1)
    if position < limit, position.pointee == UInt8(ascii: "]") { return position + 1 }
    while true {
      let end = try readRecord(position)
      endRecord(start: position, end: end)
      guard recordCount <= RecordScanner.mostRecords else {
        throw ScanFault(position: position, expected: .fewerRecords)
      }
      position = skipSpace(end)
      guard position < limit else { throw ScanFault(position: position, expected: .commaOrBracket) }
      if position.pointee == UInt8(ascii: ",") {
        position = skipSpace(position + 1)
      } else if position.pointee == UInt8(ascii: "]") {
        flaw = nil
        return position + 1
      } else {
        throw ScanFault(position: position, expected: .commaOrBracket)
      }
    }
  }
}

/// What of the wanted paths around the records was seen.
private struct EnvelopeProgress {
  let records: Int32
  var foundRecords = false
  private var seen: [Bool]

  init(records: Int32, entryCount: Int) {
    self.records = records
    seen = Array(repeating: false, count: entryCount)
  }

  /// Notes that a path was reached; false if it was reached before, which makes its meaning unclear.
  mutating func isFirst(_ entry: Int32) -> Bool {
    guard entry != PathTable.none else { return true }
    defer { seen[Int(entry)] = true }
    return !seen[Int(entry)]
  }
}

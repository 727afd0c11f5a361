import Domain
import JSON

/// Cuts NDJSON into lines, which go on as the bytes that came.
struct LineRecords: RecordCutter {
  private let scanner: RecordScanner
  private let time: TimeReader
  private let fieldCount: Int
  private var scan = ScannedPage(records: [], fields: [], fieldCount: 0, envelope: [])

  /// Cuts lines with the event time in one of their fields.
  init(timeField: JSONPath, time: TimeReader, fields: [JSONPath]) {
    // The event time comes behind the fields wanted, whether or not it is one of them.
    scanner = RecordScanner(
      records: JSONPath(keys: []), envelope: [], fields: fields + [timeField])
    self.time = time
    fieldCount = fields.count
  }

  mutating func cut(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool, into pieces: inout [Piece]
  ) throws(JSONError) -> Int {
    let length = isLast ? bytes.count : endOfLastLine(in: bytes)
    guard length > 0 else { return 0 }
    let lines = UnsafeRawBufferPointer(rebasing: bytes[0..<length])
    scan = try scanner.scanLines(lines)
    pieces.reserveCapacity(scan.records.count)
    for (index, record) in scan.records.enumerated() {
      pieces.append(
        Piece(
          start: Int(record.start), end: Int(record.end),
          time: record.flaw == nil ? readTime(of: index, in: lines) : nil, flaw: record.flaw))
    }
    return length
  }

  func standsAlone(_ piece: Piece, in bytes: UnsafeRawBufferPointer) -> Bool { true }

  mutating func write(
    _ index: Int, of pieces: [Piece], from bytes: UnsafeRawBufferPointer,
    into page: inout PageBuilder
  ) {
    let piece = pieces[index]
    let line = UnsafeRawBufferPointer(rebasing: bytes[piece.start..<piece.end])
    if let flaw = piece.flaw { return page.add(flaw, bytes: line) }
    let start = page.bytes.count
    page.bytes.append(contentsOf: line)
    let shift = Int32(start - piece.start)
    let first = index * scan.fieldCount
    page.add(
      from: start, fields: scan.fields[first..<first + fieldCount].lazy.map { $0.moved(by: shift) })
  }
}

extension LineRecords {
  private func readTime(of record: Int, in lines: UnsafeRawBufferPointer) -> Int64? {
    let slice = scan.fields[record * scan.fieldCount + fieldCount]
    return time.read(slice, in: lines)?.microseconds
  }

  /// The offset after the last line end.
  private func endOfLastLine(in bytes: UnsafeRawBufferPointer) -> Int {
    var end = bytes.count
    while end > 0, bytes[end - 1] != newline { end -= 1 }
    return end
  }
}

extension JSONSlice {
  fileprivate func moved(by distance: Int32) -> JSONSlice {
    kind == .missing ? self : JSONSlice(start: start + distance, end: end + distance, kind: kind)
  }
}

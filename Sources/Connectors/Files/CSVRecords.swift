import Domain
import JSON

/// Cuts CSV into rows, and writes rows as JSON objects: the column names are the keys, and every
/// value is a string, exactly the text that stood there.
struct CSVRecords: RecordCutter {
  private let delimiter: UInt8
  private let header: CSVHeader
  private let timeColumn: Int
  private let time: TimeReader
  /// The wanted field that each column is, where it is one.
  private let fieldOfColumn: [[Int]]
  private let fieldCount: Int
  /// What stands before each value: `{"name":"` and `","name":"`.
  private let prefixes: [[UInt8]]
  private var row: CSVRow

  /// Cuts rows below this header, with the event time in one of its columns.
  init(
    header: CSVHeader, delimiter: UInt8, timeColumn: Int, time: TimeReader, fields: [JSONPath]
  ) {
    self.delimiter = delimiter
    self.header = header
    self.timeColumn = timeColumn
    self.time = time
    row = CSVRow(delimiter: delimiter)
    fieldCount = fields.count
    var fieldOfColumn = [[Int]](repeating: [], count: header.names.count)
    for (index, field) in fields.enumerated() {
      if let column = header.column(of: field) { fieldOfColumn[column].append(index) }
    }
    self.fieldOfColumn = fieldOfColumn
    prefixes = header.names.enumerated().map { index, name in
      var prefix = Array((index == 0 ? "{\"" : "\",\"").utf8)
      Array(name.utf8).withUnsafeBytes { _ = prefix.appendEscaped($0, undoublingQuotes: false) }
      return prefix + Array("\":\"".utf8)
    }
  }

  mutating func cut(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool, into pieces: inout [Piece]
  ) throws(JSONError) -> Int {
    var at = 0
    while at < bytes.count {
      if let next = cutPlainLine(bytes, at: at, into: &pieces) {
        at = next
        continue
      }
      switch row.read(bytes, at: at, isLast: isLast) {
      case .incomplete: return at
      case .blank: break
      case .malformed:
        pieces.append(Piece(start: at, end: row.end, time: nil, flaw: .malformed))
      case .row: pieces.append(piece(at: at, in: bytes))
      }
      at = row.next
    }
    return at
  }

  func standsAlone(_ piece: Piece, in bytes: UnsafeRawBufferPointer) -> Bool {
    // A stray quote may be known for one only by what follows it.
    !bytes[piece.start..<piece.end].contains(quote)
  }

  /// The row last read as a piece.
  private func piece(at start: Int, in bytes: UnsafeRawBufferPointer) -> Piece {
    guard row.columns.count == header.names.count else {
      return Piece(start: start, end: row.end, time: nil, flaw: .malformed)
    }
    let column = row.columns[timeColumn]
    return Piece(
      start: start, end: row.end, time: readTime(from: column.start, to: column.end, in: bytes),
      flaw: nil)
  }
}

// Cutting lines without quotes, which are nearly all
extension CSVRecords {
  /// Cuts the line at an offset and returns where the next begins; nil where it holds a quote, or
  /// may go on beyond the bytes.
  @inline(__always)
  private func cutPlainLine(
    _ bytes: UnsafeRawBufferPointer, at start: Int, into pieces: inout [Piece]
  ) -> Int? {
    guard let base = bytes.baseAddress,
      let lineEnd = firstIndex(of: newline, in: bytes, from: start)
    else { return nil }
    let end = lineEnd > start && bytes[lineEnd - 1] == carriageReturn ? lineEnd - 1 : lineEnd
    guard end > start else { return lineEnd + 1 }
    let line = PlainLine(base, from: start, to: end, delimiter: delimiter, column: timeColumn)
    if line.hasQuote { return nil }
    guard line.delimiters + 1 == header.names.count else {
      pieces.append(Piece(start: start, end: end, time: nil, flaw: .malformed))
      return lineEnd + 1
    }
    let moment = readTime(from: line.columnStart, to: line.columnEnd, in: bytes)
    pieces.append(Piece(start: start, end: end, time: moment, flaw: nil))
    return lineEnd + 1
  }

  /// The event time that the text of a column holds, read as the string that it will be in JSON.
  @inline(__always)
  private func readTime(
    from start: Int, to end: Int, in bytes: UnsafeRawBufferPointer
  ) -> Int64? {
    let slice = JSONSlice(start: Int32(start), end: Int32(end), kind: .string)
    return time.read(slice, in: bytes)?.microseconds
  }
}

// Writing rows as JSON
extension CSVRecords {
  mutating func write(
    _ index: Int, of pieces: [Piece], from bytes: UnsafeRawBufferPointer,
    into page: inout PageBuilder
  ) {
    let piece = pieces[index]
    let text = UnsafeRawBufferPointer(rebasing: bytes[piece.start..<piece.end])
    if let flaw = piece.flaw { return page.add(flaw, bytes: text) }
    guard Self.isUTF8(text) else { return page.add(.invalidUTF8, bytes: text) }
    guard !text.contains(0) else { return page.add(.nulCharacter, bytes: text) }
    // The row was read before, from more bytes: that it is one is known.
    _ = row.read(text, at: 0, isLast: true)
    let start = page.bytes.count
    var fields = [JSONSlice](repeating: .missing, count: fieldCount)
    for (column, prefix) in zip(row.columns.indices, prefixes) {
      page.bytes.append(contentsOf: prefix)
      let slice = page.append(row.columns[column], of: text)
      for field in fieldOfColumn[column] { fields[field] = slice }
    }
    page.bytes.append(contentsOf: [quote, UInt8(ascii: "}")])
    page.add(from: start, fields: fields)
  }

  private static func isUTF8(_ text: UnsafeRawBufferPointer) -> Bool {
    do {
      _ = try UTF8Span(validating: Swift.Span(_unsafeBytes: text))
      return true
    } catch {
      return false
    }
  }
}

extension PageBuilder {
  /// Writes the text of a column as the content of a JSON string.
  fileprivate mutating func append(
    _ column: CSVRow.Column, of text: UnsafeRawBufferPointer
  ) -> JSONSlice {
    let start = Int32(bytes.count)
    let value = UnsafeRawBufferPointer(rebasing: text[column.start..<column.end])
    let escaped = bytes.appendEscaped(value, undoublingQuotes: column.hasDoubledQuotes)
    return JSONSlice(
      start: start, end: Int32(bytes.count), kind: escaped ? .escapedString : .string)
  }
}

extension [UInt8] {
  /// Appends a text as the content of a JSON string; true where anything had to be escaped.
  fileprivate mutating func appendEscaped(
    _ text: UnsafeRawBufferPointer, undoublingQuotes: Bool
  ) -> Bool {
    guard text.contains(where: { $0 < 0x20 || $0 == quote || $0 == UInt8(ascii: "\\") }) else {
      append(contentsOf: text)
      return false
    }
    var at = 0
    while at < text.count {
      appendEscaped(text[at])
      at += undoublingQuotes && text[at] == quote ? 2 : 1
    }
    return true
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    let backslash = UInt8(ascii: "\\")
    switch byte {
    case quote, backslash: append(contentsOf: [backslash, byte])
    case newline: append(contentsOf: [backslash, UInt8(ascii: "n")])
    case carriageReturn: append(contentsOf: [backslash, UInt8(ascii: "r")])
    case 0x09: append(contentsOf: [backslash, UInt8(ascii: "t")])
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      append(contentsOf: [backslash, UInt8(ascii: "u"), 0x30, 0x30])
      append(contentsOf: [digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    default: append(byte)
    }
  }
}

import JSON

/// Splits the bytes of a file into rows, byte by byte.
///
/// Written apart from what the reader cuts files with, and plainly: it is the second opinion.
struct RowSplitter {
  /// A row as it stands in the file, without its line end.
  struct Row {
    var bytes: [UInt8]
    /// The columns of a CSV row; empty for a line of NDJSON and for a row that is none.
    var columns: [[UInt8]]
  }

  /// Where in the text the splitter is.
  private enum Place {
    case start, plain, quoted, afterQuote
  }

  /// The delimiter of CSV; nil for lines.
  private let delimiter: UInt8?
  private var buffer: [UInt8] = []
  private var isEnded = false
  /// The offset in the file of the first byte of the buffer.
  private(set) var offset: Int64 = 0

  init(delimiter: UInt8?) {
    self.delimiter = delimiter
  }

  /// Adds what was read next.
  mutating func append(_ chunk: [UInt8]) {
    if offset == 0, buffer.isEmpty, chunk.starts(with: [0xEF, 0xBB, 0xBF]) {
      buffer = Array(chunk.dropFirst(3))
      offset = 3
    } else {
      buffer += chunk
    }
  }

  /// Says that nothing follows.
  mutating func end() {
    isEnded = true
  }

  /// The rows that are whole, each with the offset behind it; blank lines are none.
  mutating func rows() -> [(row: Row, next: Int64)] {
    var found: [(Row, Int64)] = []
    var place = 0
    while place < buffer.count {
      guard let (row, next) = row(at: place) else { break }
      if !row.bytes.isEmpty { found.append((row, offset + Int64(next))) }
      place = next
    }
    buffer.removeFirst(place)
    offset += Int64(place)
    return found
  }

  private func row(at start: Int) -> (Row, next: Int)? {
    guard let delimiter else { return line(at: start) }
    var columns: [[UInt8]] = []
    var column: [UInt8] = []
    var place = Place.start
    var index = start
    while index < buffer.count {
      let byte = buffer[index]
      let isEnd = byte == 0x0A && place != .quoted
      if isEnd {
        if place == .plain || place == .start, column.last == 0x0D { column.removeLast() }
        columns.append(column)
        let bytes = trimmed(start..<index)
        return (Row(bytes: bytes, columns: columns), index + 1)
      }
      switch (place, byte) {
      case (.start, 0x22): place = .quoted
      case (.start, delimiter), (.plain, delimiter), (.afterQuote, delimiter):
        columns.append(column)
        column = []
        place = .start
      case (.start, _), (.plain, _):
        column.append(byte)
        place = .plain
      case (.quoted, 0x22): place = .afterQuote
      case (.quoted, _): column.append(byte)
      case (.afterQuote, 0x22):
        column.append(byte)
        place = .quoted
      case (.afterQuote, 0x0D) where index + 1 == buffer.count || buffer[index + 1] == 0x0A: break
      case (.afterQuote, _): return malformed(at: start)
      }
      index += 1
    }
    guard isEnded else { return nil }
    if place == .quoted { return malformed(at: start) }
    columns.append(column)
    return (Row(bytes: Array(buffer[start...]), columns: columns), buffer.count)
  }

  /// A row that cannot be read ends at its first line end.
  private func malformed(at start: Int) -> (Row, next: Int)? {
    line(at: start)
  }

  private func line(at start: Int) -> (Row, next: Int)? {
    if let end = buffer[start...].firstIndex(of: 0x0A) {
      return (Row(bytes: trimmed(start..<end), columns: []), end + 1)
    }
    guard isEnded else { return nil }
    return (Row(bytes: trimmed(start..<buffer.count), columns: []), buffer.count)
  }

  private func trimmed(_ range: Range<Int>) -> [UInt8] {
    let bytes = buffer[range]
    return Array(bytes.last == 0x0D ? bytes.dropLast() : bytes)
  }
}

import Glibc

/// Reads rows of CSV as RFC 4180 has them, with a delimiter of one's own.
///
/// A quoted column may hold delimiters, doubled quotes and line ends. A quote inside a column that
/// does not begin with one is text. A row that cannot be read so ends at its first line end and is
/// malformed: what follows is read afresh, so that a stray quote never swallows the rows behind it.
struct CSVRow {
  /// Where the text of a column lies, without the quotes around it.
  struct Column {
    var start: Int
    var end: Int
    /// Whether quotes in it are written twice.
    var hasDoubledQuotes = false
  }

  /// What stands at a place.
  enum Found {
    /// A row; `columns` says where its columns lie.
    case row
    /// An empty line, which is no record.
    case blank
    /// A line that is no row.
    case malformed
    /// The bytes end before it is clear what stands there.
    case incomplete
  }

  /// The columns of the row last read.
  private(set) var columns: [Column] = []
  /// The offset after the last byte of the row, its line end left out.
  private(set) var end = 0
  /// The offset at which the next row begins.
  private(set) var next = 0

  private let delimiter: UInt8

  init(delimiter: UInt8) {
    self.delimiter = delimiter
  }

  /// Reads what stands at an offset; with `isLast` nothing follows the bytes.
  mutating func read(_ bytes: UnsafeRawBufferPointer, at start: Int, isLast: Bool) -> Found {
    columns.removeAll(keepingCapacity: true)
    if let width = lineEnd(in: bytes, at: start) {
      (end, next) = (start, start + width)
      return .blank
    }
    var column = start
    while true {
      let quoted = column < bytes.count && bytes[column] == quote
      let outcome =
        quoted
        ? readQuoted(bytes, from: column, of: start, isLast: isLast)
        : readPlain(bytes, from: column, isLast: isLast)
      switch outcome {
      case .column(let following): column = following
      case .row: return .row
      case .incomplete: return .incomplete
      case .malformed: return readLine(bytes, at: start, isLast: isLast)
      }
    }
  }

  private enum Step {
    /// A column was read; the next begins here.
    case column(Int)
    case row, malformed, incomplete
  }

  private mutating func readPlain(
    _ bytes: UnsafeRawBufferPointer, from start: Int, isLast: Bool
  ) -> Step {
    var at = start
    while at < bytes.count, bytes[at] != delimiter, bytes[at] != newline { at += 1 }
    guard at < bytes.count else {
      return isLast ? endRow(with: Column(start: start, end: at), next: at) : .incomplete
    }
    if bytes[at] == delimiter {
      columns.append(Column(start: start, end: at))
      return .column(at + 1)
    }
    let end = at > start && bytes[at - 1] == carriageReturn ? at - 1 : at
    return endRow(with: Column(start: start, end: end), next: at + 1)
  }

  private mutating func endRow(with column: Column, next: Int) -> Step {
    columns.append(column)
    end = column.end
    self.next = next
    return .row
  }

  private mutating func readQuoted(
    _ bytes: UnsafeRawBufferPointer, from start: Int, of row: Int, isLast: Bool
  ) -> Step {
    var column = Column(start: start + 1, end: start + 1)
    var at = start + 1
    while true {
      guard let found = firstIndex(of: quote, in: bytes, from: at),
        found - row <= RecordBounds.longest
      else { return isLast || bytes.count - row > RecordBounds.longest ? .malformed : .incomplete }
      guard found + 1 < bytes.count, bytes[found + 1] == quote else {
        column.end = found
        break
      }
      column.hasDoubledQuotes = true
      at = found + 2
    }
    return close(column, in: bytes, isLast: isLast)
  }

  /// Judges what follows the closing quote of a column.
  private mutating func close(
    _ column: Column, in bytes: UnsafeRawBufferPointer, isLast: Bool
  ) -> Step {
    let after = column.end + 1
    if after < bytes.count, bytes[after] == delimiter {
      columns.append(column)
      return .column(after + 1)
    }
    if let width = lineEnd(in: bytes, at: after) {
      columns.append(column)
      (end, next) = (after, after + width)
      return .row
    }
    // A carriage return at the very end may be half of a line end.
    if after == bytes.count || (after + 1 == bytes.count && bytes[after] == carriageReturn) {
      if !isLast { return .incomplete }
      columns.append(column)
      (end, next) = (after, bytes.count)
      return .row
    }
    return .malformed
  }

  private mutating func readLine(
    _ bytes: UnsafeRawBufferPointer, at start: Int, isLast: Bool
  ) -> Found {
    columns.removeAll(keepingCapacity: true)
    guard let found = firstIndex(of: newline, in: bytes, from: start) else {
      (end, next) = (bytes.count, bytes.count)
      return isLast ? .malformed : .incomplete
    }
    end = found > start && bytes[found - 1] == carriageReturn ? found - 1 : found
    next = found + 1
    return .malformed
  }

  /// How many bytes the line end at an offset takes; nil where there is none.
  private func lineEnd(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
    guard offset < bytes.count else { return nil }
    if bytes[offset] == newline { return 1 }
    let isPair =
      bytes[offset] == carriageReturn && offset + 1 < bytes.count && bytes[offset + 1] == newline
    return isPair ? 2 : nil
  }
}

/// The offset of a byte from an offset on; nil where it does not come any more.
func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
  guard start < bytes.count, let base = bytes.baseAddress,
    let found = memchr(base + start, Int32(byte), bytes.count - start)
  else { return nil }
  return UnsafeRawPointer(found) - base
}

let quote = UInt8(ascii: "\"")
let newline = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")

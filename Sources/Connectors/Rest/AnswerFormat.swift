import Domain
import JSON
import Outbound

/// How the records of an answer are written.
struct AnswerFormat: Hashable, Sendable {
  /// How one follows the other.
  enum Kind: String, CaseIterable, Sendable {
    /// In one JSON document.
    case json
    /// Each on a line of its own, as JSON.
    case jsonLines = "json_lines"
    /// Each in a row below a header.
    case csv
  }

  /// How one follows the other.
  var kind: Kind
  /// What parts the columns of a row.
  var delimiter: UInt8
  /// How the whole is packed; nil where it is not.
  var packing: Packing?

  /// One JSON document, as it came.
  static let json = AnswerFormat(kind: .json, delimiter: UInt8(ascii: ","), packing: nil)

  /// The bytes of an answer as text, unpacked where they are packed; at most so many.
  func text(of body: consuming [UInt8], limit: Int) throws(Packing.Fault) -> [UInt8] {
    guard let packing, !body.isEmpty else { return body }
    let files = try packing.unpack(body, limit: limit)
    // Several documents or headers cannot be made one.
    guard files.count <= 1 || kind == .jsonLines else { throw .malformed }
    return Array(files.joined(separator: [newline]))
  }
}

/// Reads rows below a header as records, their columns being texts.
struct RowAnswer {
  /// What an answer holds no rows for.
  enum Fault: Error, Hashable {
    /// There is no header, or one that is none.
    case noHeader
    /// A column is named twice.
    case columnTwice(String)
  }

  let delimiter: UInt8
  let time: RequestTemplate.EventTime
  let fields: [JSONPath]

  /// The page of all rows; an answer of nothing holds none.
  func page(_ body: [UInt8]) throws(Fault) -> (bytes: [UInt8], ScannedPage) {
    // The cutter reads eight bytes at a time.
    let padded = body + [UInt8](repeating: 0, count: 8)
    var builder = PageBuilder(fieldCount: fields.count)
    guard !body.isEmpty else {
      return ([], builder.page(next: nil).scan)
    }
    try padded.withUnsafeBufferPointer { (buffer) throws(Fault) in
      let all = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<body.count])
      let mark = all.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      let text = UnsafeRawBufferPointer(rebasing: all[mark...])
      var row = CSVRow(delimiter: delimiter)
      guard case .row = row.read(text, at: 0, isLast: true) else { throw .noHeader }
      let header = try header(row, in: text)
      let rows = UnsafeRawBufferPointer(rebasing: text[row.next...])
      try read(rows, header, into: &builder)
    }
    let page = builder.page(next: nil)
    return (page.bytes, page.scan)
  }

  private func read(
    _ rows: UnsafeRawBufferPointer, _ header: CSVHeader, into builder: inout PageBuilder
  ) throws(Fault) {
    var cutter = CSVRecords(
      header: header, delimiter: delimiter, timeColumn: header.column(of: time.path) ?? 0,
      time: time.reader, fields: fields)
    var pieces: [Piece] = []
    do throws(JSONError) {
      _ = try cutter.cut(rows, isLast: true, into: &pieces)
    } catch {
      throw .noHeader
    }
    for index in pieces.indices { cutter.write(index, of: pieces, from: rows, into: &builder) }
  }

  private func header(
    _ row: CSVRow, in text: UnsafeRawBufferPointer
  ) throws(Fault) -> CSVHeader {
    var names: [String] = []
    for column in row.columns {
      guard let name = String(validating: text[column.start..<column.end], as: UTF8.self) else {
        throw .noHeader
      }
      let plain = column.hasDoubledQuotes ? name.replacing("\"\"", with: "\"") : name
      guard !names.contains(plain) else { throw .columnTwice(plain) }
      names.append(plain)
    }
    return CSVHeader(names: names)
  }
}

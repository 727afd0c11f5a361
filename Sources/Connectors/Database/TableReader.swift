import Domain
import JSON
import Postgres

/// Reads one window from a database: rows flow through one COPY, from which pages are cut by bytes.
actor TableReader: PartitionReader {
  /// A page ends with the row that reaches so many bytes.
  private static let pageBytes = 1 << 20

  private let connector: TableConnector
  private let window: Window
  private let scanner: RecordScanner
  private let fieldCount: Int
  private let reading: TableReading
  private var types: TableTypes?
  /// Behind which row the next page begins; nil at the beginning.
  private var position: RowPosition?
  /// The row after that one, which was read already, and a comma.
  private var held: [UInt8] = []

  init(connector: TableConnector, window: Window, fields: [JSONPath]) {
    self.connector = connector
    self.window = window
    // The event time comes behind the fields wanted, whether or not it is one of them.
    scanner = RecordScanner(
      records: JSONPath(keys: []), envelope: [],
      fields: fields + [JSONPath(keys: [connector.specification.timeColumn])])
    fieldCount = fields.count
    reading = TableReading(connector: connector)
  }

  func page(at cursor: String?) async throws(SourceFailure) -> Page {
    let types = try await open(at: cursor)
    var (bytes, scan, isLast) = try await rows()
    if !isLast {
      try holdBack(&scan, in: bytes)
    }
    if types.clock != .instants { leaveOut(&scan, in: bytes) }
    return Page(bytes: bytes, scan: scan, next: isLast ? nil : position?.text, requests: 1)
  }

  func close() async {
    await reading.close()
  }
}

// Going on
extension TableReader {
  /// Opens the reading where the cursor says, unless it is there.
  private func open(at cursor: String?) async throws(SourceFailure) -> TableTypes {
    if let types, cursor == position?.text { return types }
    guard types == nil else {
      throw SourceFailure(.invalidPage, "The reading of \(connector.source) stands elsewhere.")
    }
    let specification = connector.specification
    if let cursor {
      position = RowPosition(cursor, count: specification.keyColumns.count + 1)
      guard position != nil else {
        throw SourceFailure(
          .misconfigured,
          "The checkpoint holds a position that the connector of \(connector.source) never made.")
      }
    }
    let types = try await reading.open()
    self.types = types
    try await reading.begin(
      TableQuery(specification: specification).copy(window, from: position, types))
    return types
  }

  /// The next rows as an array: at least two of them, unless they are the last.
  private func rows() async throws(SourceFailure) -> ([UInt8], ScannedPage, isLast: Bool) {
    var bytes = [UInt8(ascii: "[")] + held
    while true {
      let rows = try await reading.rows(after: bytes, upTo: bytes.count + Self.pageBytes)
      bytes = rows.bytes
      var array = bytes
      // The comma behind the last row; without a row there is none.
      if array.count > 1 { array.removeLast() }
      array.append(UInt8(ascii: "]"))
      let scan = try self.scan(array)
      if rows.isLast || scan.records.count > 1 { return (array, scan, rows.isLast) }
    }
  }

  private func scan(_ bytes: [UInt8]) throws(SourceFailure) -> ScannedPage {
    do throws(JSONError) {
      return try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw SourceFailure(.invalidPage, "\(connector.source) gave rows that are no JSON: \(error).")
    }
  }

  /// Keeps the last row for the next page, so that it is known to lie behind this page's end: else
  /// it would be lost when the reading goes on there.
  private func holdBack(_ scan: inout ScannedPage, in bytes: [UInt8]) throws(SourceFailure) {
    let first = scan.records.removeLast()
    scan.fields.removeLast(scan.fieldCount)
    let next = try position(of: first, in: bytes)
    let last = try scan.records.last.map { record throws(SourceFailure) in
      try position(of: record, in: bytes)
    }
    guard let last = last ?? nil, let next else {
      throw SourceFailure(
        .misconfigured,
        "A row of \(connector.source) has no value in one of key_columns; name columns that are "
          + "never null.")
    }
    guard last != next else {
      throw SourceFailure(
        .misconfigured,
        "Rows of \(connector.source) share their time and key_columns; name columns that tell every "
          + "row from every other.")
    }
    position = last
    held = Array(bytes[Int(first.start)..<Int(first.end)]) + [UInt8(ascii: ",")]
  }

  private func position(
    of record: ScannedPage.Record, in bytes: [UInt8]
  ) throws(SourceFailure) -> RowPosition? {
    let row: JSONValue
    do throws(JSONError) {
      row = try JSONValue.parse(Array(bytes[Int(record.start)..<Int(record.end)]))
    } catch {
      throw SourceFailure(.invalidPage, "\(connector.source) gave a row that is no JSON: \(error).")
    }
    let specification = connector.specification
    return RowPosition(
      row: row, time: specification.timeColumn, keys: specification.keyColumns)
  }

  /// Leaves out the rows that were asked for only because the bounds of the query reach further
  /// than the window.
  private func leaveOut(_ scan: inout ScannedPage, in bytes: [UInt8]) {
    var kept = ScannedPage(records: [], fields: [], fieldCount: scan.fieldCount, envelope: [])
    bytes.withUnsafeBytes { page in
      for (index, record) in scan.records.enumerated() {
        let first = index * scan.fieldCount
        let time = connector.time.read(scan.fields[first + fieldCount], in: page)
        if record.flaw == nil, let time, !window.contains(time) { continue }
        kept.records.append(record)
        kept.fields.append(contentsOf: scan.fields[first..<first + scan.fieldCount])
      }
    }
    scan = kept
  }
}

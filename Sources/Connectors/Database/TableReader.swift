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
  /// Where the COPY stands; nil at its beginning.
  private var position: RowPosition?

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
    let rows = try await reading.rows(upTo: Self.pageBytes)
    var bytes = rows.bytes
    // The comma behind the last row; without a row there is none.
    if bytes.count > 1 { bytes.removeLast() }
    bytes.append(UInt8(ascii: "]"))
    var scan = try self.scan(bytes)
    let next = rows.isLast ? nil : try move(past: scan, in: bytes)
    if types.clock != .instants { leaveOut(&scan, in: bytes) }
    return Page(bytes: bytes, scan: scan, next: next?.text, requests: 1)
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

  private func scan(_ bytes: [UInt8]) throws(SourceFailure) -> ScannedPage {
    do throws(JSONError) {
      return try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw SourceFailure(.invalidPage, "\(connector.source) gave rows that are no JSON: \(error).")
    }
  }

  /// The position behind the last row, which must lie behind all before it: else rows that share it
  /// could be lost when the reading goes on there.
  private func move(past scan: ScannedPage, in bytes: [UInt8]) throws(SourceFailure) -> RowPosition
  {
    guard let last = scan.records.last, let next = try position(of: last, in: bytes) else {
      throw SourceFailure(
        .misconfigured,
        "A row of \(connector.source) has no value in one of key_columns; name columns that are "
          + "never null.")
    }
    let before = scan.records.count > 1 ? scan.records[scan.records.count - 2] : nil
    let previous = try before.map { record throws(SourceFailure) in
      try position(of: record, in: bytes)
    }
    guard next != position, previous != next else {
      throw SourceFailure(
        .misconfigured,
        "Rows of \(connector.source) share their time and key_columns; name columns that tell every "
          + "row from every other.")
    }
    position = next
    return next
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

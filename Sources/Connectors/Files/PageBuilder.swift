import JSON

/// A page that is put together from the records of a file.
struct PageBuilder {
  /// The bytes of the records.
  var bytes: [UInt8] = []
  /// The records.
  private(set) var records: [ScannedPage.Record] = []
  /// The fields of the records, record by record.
  private(set) var fields: [JSONSlice] = []

  private let fieldCount: Int
  private let bounds: PageBounds

  init(fieldCount: Int, bounds: PageBounds = PageBounds()) {
    self.fieldCount = fieldCount
    self.bounds = bounds
  }

  /// Whether nothing should be added any more.
  var isFull: Bool { bytes.count >= bounds.bytes || records.count >= bounds.records }

  /// Adds a record of which the bytes from `start` on have been written, with all its fields.
  mutating func add(from start: Int, fields: some Sequence<JSONSlice>) {
    records.append(.init(start: Int32(start), end: Int32(bytes.count), flaw: nil))
    self.fields.append(contentsOf: fields)
  }

  /// Adds a record that cannot be taken, as the bytes that came.
  mutating func add(_ flaw: RecordFlaw, bytes flawed: UnsafeRawBufferPointer) {
    let start = bytes.count
    bytes.append(contentsOf: flawed)
    records.append(.init(start: Int32(start), end: Int32(bytes.count), flaw: flaw))
    for _ in 0..<fieldCount { fields.append(.missing) }
  }

  /// The page, with where the next one begins.
  func page(next: String?) -> Page {
    Page(
      bytes: bytes,
      scan: ScannedPage(records: records, fields: fields, fieldCount: fieldCount, envelope: []),
      next: next, requests: 0)
  }
}

/// With what a page of a file is full.
struct PageBounds: Sendable {
  /// Bytes of records.
  var bytes = 1 << 20
  /// Records.
  var records = 5_000
  /// Bytes looked through: where they hold little, the page holds little, so that progress shows.
  var bytesRead: Int64 = 32 << 20
}

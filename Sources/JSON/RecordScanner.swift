/// Finds the records of a page and the fields wanted of them, in one pass that also judges every byte.
///
/// The judgement is strict: RFC 8259 and UTF-8, and what PostgreSQL cannot hold. A flaw that leaves
/// the rest of the page readable marks its record; a broken grammar fails the page.
public struct RecordScanner: Sendable {
  /// The deepest nesting of a record: an object in an object is of depth 2.
  public static let depthLimit = 128
  /// The longest record, in bytes.
  public static let recordLimit = 16 << 20
  /// The most records of a document: what is noted of each takes memory, however short it is.
  public static let mostRecords = 1 << 20
  /// The longest page, in bytes.
  public static let pageLimit = 1 << 30

  let fieldCount: Int
  let envelopeCount: Int
  let recordsPath: JSONPath
  private(set) var table = PathTable()
  /// The way to the records, one stage for each array that is passed through.
  private(set) var stages: [RecordStage] = []
  /// The fields that lie around a record, in the element of the outer array.
  private(set) var outerFields: [Int] = []
  /// Paths asked for more than once: the field to fill, and the one that has the value.
  private(set) var repeatedFields: [(field: Int, source: Int)] = []
  private(set) var repeatedEnvelope: [(field: Int, source: Int)] = []

  /// A scanner for records that lie at `records`; the empty path is a document that is the array.
  ///
  /// A path may pass through arrays, whose keys end with `[]`: `edges[].node` finds a record in each
  /// element, `orders[].refunds` the elements of an array in each. `fields` are paths within a
  /// record; one that begins with `parent` leads to the element in which its record lies, where the
  /// path passes through an array. `envelope` are paths within the document around the records.
  public init(records: JSONPath, envelope: [JSONPath], fields: [JSONPath]) {
    recordsPath = records
    fieldCount = fields.count
    envelopeCount = envelope.count
    stages = RecordStage.stages(to: records, in: &table)
    let outer = stages.count > 1 ? stages[stages.count - 1].root : PathTable.none
    for (field, path) in fields.enumerated() {
      let isOuter = outer != PathTable.none && path.keys.first == RecordStage.outerKey
      let inner = isOuter ? JSONPath(keys: Array(path.keys.dropFirst())) : path
      let entry = table.entry(for: inner, below: isOuter ? outer : PathTable.recordRoot)
      let source = Int(table.assign(Int32(field), to: entry))
      if source != field { repeatedFields.append((field, source)) }
      if isOuter, source == field { outerFields.append(field) }
    }
    for (field, path) in envelope.enumerated() {
      let entry = table.entry(for: path, below: PathTable.documentRoot)
      let source = Int(table.assign(Int32(field), to: entry))
      if source != field { repeatedEnvelope.append((field, source)) }
    }
  }

  /// Reads one JSON document; throws where it is cut off, breaks the grammar or has no record array.
  public func scanDocument(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> ScannedPage {
    try scan(bytes) { (scan: inout RecordScan) throws(ScanFault) in
      try scan.scanDocument(along: stages, outerFields: outerFields)
    }
  }

  /// Reads whole lines (NDJSON); each that is not blank is a record, malformed where it is not JSON.
  public func scanLines(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> ScannedPage {
    try scan(bytes) { (scan: inout RecordScan) throws(ScanFault) in scan.scanLines() }
  }

  private func scan(
    _ bytes: UnsafeRawBufferPointer, _ body: (inout RecordScan) throws(ScanFault) -> Void
  ) throws(JSONError) -> ScannedPage {
    guard bytes.count <= Self.pageLimit else {
      throw JSONError(
        .tooLarge, offset: Self.pageLimit,
        message: "expected at most \(Self.pageLimit) bytes at once, got \(bytes.count)")
    }
    do throws(ScanFault) {
      return try withScan(over: bytes, body)
    } catch {
      throw describe(error, in: bytes)
    }
  }

  private func withScan(
    over bytes: UnsafeRawBufferPointer, _ body: (inout RecordScan) throws(ScanFault) -> Void
  ) throws(ScanFault) -> ScannedPage {
    // An empty buffer may have no address; a byte that is never read gives it one.
    var nothing: UInt8 = 0
    return try withUnsafePointer(to: &nothing) { (nothing) throws(ScanFault) in
      let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing
      return try table.withMatcher { (matcher) throws(ScanFault) in
        var scan = RecordScan(
          base: base, count: bytes.count, matcher: matcher, fieldCount: fieldCount,
          envelopeCount: envelopeCount)
        try body(&scan)
        return finish(scan.page())
      }
    }
  }

  private func finish(_ scanned: ScannedPage) -> ScannedPage {
    var page = scanned
    for (field, source) in repeatedEnvelope { page.envelope[field] = page.envelope[source] }
    for (field, source) in repeatedFields {
      for row in page.records.indices {
        page.fields[row * fieldCount + field] = page.fields[row * fieldCount + source]
      }
    }
    return page
  }

  private func describe(_ fault: ScanFault, in bytes: UnsafeRawBufferPointer) -> JSONError {
    guard fault.expected == .records else { return JSONError(fault, in: bytes) }
    let place = recordsPath.keys.isEmpty ? "as the document" : "at \(recordsPath)"
    return JSONError(fault, in: bytes, expected: "an array of records \(place)")
  }
}

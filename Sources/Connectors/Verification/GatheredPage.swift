import JSON

/// Puts records that were split one by one into a page.
struct GatheredPage {
  private var sound: [[UInt8]] = []
  private var flawed: [(RecordFlaw, [UInt8])] = []
  private(set) var byteCount = 0

  var isEmpty: Bool { sound.isEmpty && flawed.isEmpty }

  /// Adds a record in JSON.
  mutating func add(_ record: [UInt8]) {
    sound.append(record)
    byteCount += record.count + 1
  }

  /// Adds what cannot be taken.
  mutating func add(_ flaw: RecordFlaw, _ bytes: [UInt8]) {
    flawed.append((flaw, bytes))
    byteCount += bytes.count
  }

  /// The page, with where the next one begins.
  mutating func page(fields: [JSONPath], next: String?) -> Page {
    let scanner = RecordScanner(records: JSONPath(keys: []), envelope: [], fields: fields)
    var bytes = Self.array(of: sound)
    var scan = Self.scan(bytes, by: scanner)
    if scan?.records.count != sound.count {
      // One of them is no JSON: each by itself tells which.
      let kept = sound.filter { Self.scan(Self.array(of: [$0]), by: scanner)?.records.count == 1 }
      let isKept = Set(kept)
      flawed += sound.filter { !isKept.contains($0) }.map { (.malformed, $0) }
      bytes = Self.array(of: kept)
      scan = Self.scan(bytes, by: scanner)
    }
    var page =
      scan
      ?? ScannedPage(records: [], fields: [], fieldCount: fields.count, envelope: [])
    for (flaw, record) in flawed {
      let start = Int32(bytes.count)
      bytes += record
      page.records.append(.init(start: start, end: Int32(bytes.count), flaw: flaw))
      page.fields += [JSONSlice](repeating: .missing, count: fields.count)
    }
    self = GatheredPage()
    return Page(bytes: bytes, scan: page, next: next, requests: 0)
  }

  private static func array(of records: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "[")] + records.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
  }

  private static func scan(_ bytes: [UInt8], by scanner: RecordScanner) -> ScannedPage? {
    do throws(JSONError) {
      return try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      return nil
    }
  }
}

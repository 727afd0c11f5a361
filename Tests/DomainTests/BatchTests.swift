import JSON
import Testing

@testable import Domain

@Suite struct BatchTests {
  /// Orders that happened in seconds 10 to 20, with an amount.
  private static let stream = StreamDefinition(
    name: "shop.orders", key: KeyTemplate(texts: ["order:", ""], fields: [JSONPath("id")]),
    eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds),
    version: .number(JSONPath("v")), policy: .newVersion,
    measures: [
      MeasureDefinition(name: "amount", path: JSONPath("amount"), currency: .fixed("EUR"))
    ])
  private let window = Window(
    from: Instant(microseconds: 10_000_000), to: Instant(microseconds: 20_000_000))

  private func batch(_ pages: [[String]], policy: Policy = .newVersion) throws -> Batch {
    var evaluator = try RecordEvaluator(stream: Self.stream, policy: policy, window: window)
    let scanner = RecordScanner(records: JSONPath(""), envelope: [], fields: evaluator.fields)
    var batch = Batch()
    for page in pages {
      let bytes = Array("[\(page.joined(separator: ","))]".utf8)
      let scan = try bytes.withUnsafeBytes { (bytes) throws(JSONError) in
        try scanner.scanDocument(bytes)
      }
      batch.add(bytes, scan, requests: 1, by: &evaluator)
    }
    return batch
  }

  private func record(_ id: String, at: String = "15", v: Int = 1, _ more: String = "") -> String {
    #"{"id":"\#(id)","at":\#(at),"v":\#(v)\#(more)}"#
  }

  private func payload(_ document: Batch.Document, of batch: Batch) -> String {
    let span = Int(document.payload.lowerBound)..<Int(document.payload.upperBound)
    return String(decoding: batch.pages[Int(document.page)][span], as: UTF8.self)
  }

  private func key(_ span: Range<Int32>, of batch: Batch) -> String {
    String(decoding: batch.keys[Int(span.lowerBound)..<Int(span.upperBound)], as: UTF8.self)
  }

  @Test("what no store can hold is rejected with its reason, and the records around it are taken")
  func flaws() throws {
    let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    let long = String(repeating: "x", count: RecordScanner.recordLimit)
    let bad: [(String, RejectionReason)] = [
      (record("a\\u0000"), .flaw(.nulCharacter)), (record("\\ud800"), .flaw(.loneSurrogate)),
      (record("b", #","x":\#(deep)"#), .flaw(.tooDeep)),
      (record("c", #","x":"\#(long)""#), .flaw(.tooLarge)),
      (record("d", #","x":1e200000"#), .flaw(.numberOutOfRange)),
      (record("e", #","id":"f""#), .flaw(.duplicateKey)), ("5", .flaw(.notAnObject)),
      (record("", #","x":1"#), .keyMissing), (#"{"id":{},"at":15,"v":1}"#, .keyOfWrongKind),
      (record(String(repeating: "k", count: 1_024)), .keyTooLong),
      (record("g", at: #""noon""#), .eventTimeUnreadable),
      (#"{"id":"h","at":15}"#, .versionUnreadable),
      (record("i", #","amount":"much""#), .amountUnreadable(measure: "amount")),
    ]
    let page = bad.flatMap { [$0.0, record("good")] }
    let batch = try batch([page])
    #expect(batch.read == page.count)
    #expect(batch.rejected.map(\.reason) == bad.map(\.1))
    #expect(batch.rejected.map { Int($0.position) } == bad.indices.map { $0 * 2 + 1 })
    for (rejected, (text, _)) in zip(batch.rejected, bad) {
      let span = Int(rejected.record.lowerBound)..<Int(rejected.record.upperBound)
      #expect(batch.pages[0][span].elementsEqual(text.utf8))
    }
    #expect(batch.documents.count == bad.count)
    #expect(batch.documents.allSatisfy { payload($0, of: batch) == record("good") })
  }

  @Test("numbers that a Double cannot hold stay as they came, and are summed exactly")
  func numbers() throws {
    let amounts = ["9007199254740993", "0.1", "0.2", "12345678901234567890.123456789"]
    let page = amounts.enumerated().map {
      record("\($0)", #","amount":\#($1),"x":1e400"#)
    }
    let batch = try batch([page])
    #expect(batch.documents.map { payload($0, of: batch) } == page)
    #expect(batch.sums.isExact)
    #expect(batch.sums.sums.map(\.amount.description) == ["12354686100489308883.423456789"])
  }

  @Test("the window begins with its first instant and ends before its last")
  func edges() throws {
    let times = ["9.999999", "10", "19.999999", "20"]
    let batch = try batch([times.map { record($0, at: $0) }])
    #expect(batch.documents.map { key($0.key, of: batch) } == ["order:10", "order:19.999999"])
    #expect(batch.outside.map { key($0.key, of: batch) } == ["order:9.999999", "order:20"])
  }

  @Test("of the records of one key one is taken: the newest, or the first where that one stays")
  func duplicates() throws {
    let pages = [[record("a", v: 2), record("b"), record("a", v: 1)], [record("a", v: 3)]]
    for (policy, kept) in [(Policy.newVersion, [1, 3]), (.keepFirst, [0, 1]), (.reject, [0, 1])] {
      let batch = try batch(pages, policy: policy)
      #expect(batch.documents.indices.filter { !batch.documents[$0].isDuplicate } == kept)
      #expect((batch.read, batch.duplicates) == (4, 2))
    }
  }

  @Test("a page of ten or more that is rejected whole is noticed, one good record saves it")
  func refusedPage() throws {
    let bad = [String](repeating: "1", count: 10)
    #expect(try batch([bad]).hasRefusedPage)
    #expect(try batch([[record("a")], bad, [record("b")]]).hasRefusedPage)
    #expect(try !batch([bad + [record("a")]]).hasRefusedPage)
    #expect(try !batch([Array(bad.dropLast())]).hasRefusedPage)
  }
}

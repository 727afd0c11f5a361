import JSON
import Testing

@Suite struct RecordScannerTests {
  private let orders = RecordScanner(
    records: JSONPath("data.orders"),
    envelope: [JSONPath("next"), JSONPath("data.count"), JSONPath("gone")],
    fields: [JSONPath("id"), JSONPath("customer.email"), JSONPath("amount")])

  @Test("records, fields and envelope are found in one document")
  func page() throws {
    let text = """
      {"next": "a\\/b", "data": {"orders": [
        {"id": 1, "customer": {"email": "a@b.c"}, "amount": "1.50"},
        {"amount": 2, "id": "x\\ny"}
      ], "count": 2}, "last": [true]}
      """
    let page = try orders.document(text)
    #expect(page.records.map(\.flaw) == [nil, nil])
    #expect(page.texts(0, in: text) == ["1", "a@b.c", "1.50"])
    #expect(page.texts(1, in: text) == ["x\ny", "missing", "2"])
    #expect(page.record(1, in: text) == "{\"amount\": 2, \"id\": \"x\\ny\"}")
    let envelope = Array(text.utf8).withUnsafeBytes { bytes in
      page.envelope.map { $0.text(in: bytes) ?? "\($0.kind)" }
    }
    #expect(envelope == ["a/b", "2", "missing"])
  }

  @Test("the empty path is a document that is the array")
  func bareArray() throws {
    let text = " [ {\"id\":1} , {\"id\":2} ] \n"
    let page = try RecordScanner.bare("id").document(text)
    #expect((0..<2).map { page.texts($0, in: text) } == [["1"], ["2"]])
    #expect(try RecordScanner.bare("id").document("[]").records.isEmpty)
  }

  @Test("every kind of value has its slice")
  func kinds() throws {
    let text =
      "[{\"n\":null,\"t\":true,\"f\":false,\"a\":[1, 2],\"o\":{\"x\":1},\"s\":\"\",\"e\":\"\\t\",\"z\":-0.5e+3}]"
    let names = ["n", "t", "f", "a", "o", "s", "e", "z", "m"]
    let scanner = RecordScanner(
      records: JSONPath(""), envelope: [], fields: names.map { JSONPath($0) })
    let page = try scanner.document(text)
    #expect(
      page.fields.map(\.kind) == [
        .null, .true, .false, .array, .object, .string, .escapedString, .number, .missing,
      ])
    let raw = Array(text.utf8).withUnsafeBytes { bytes in
      page.fields.map { String(decoding: $0.bytes(in: bytes), as: UTF8.self) }
    }
    #expect(
      raw == ["null", "true", "false", "[1, 2]", "{\"x\":1}", "", "\\t", "-0.5e+3", ""])
  }

  @Test("keys compare as they read, not as they are written")
  func escapedKeys() throws {
    let text = "[{\"\\u0069d\":1,\"a\\\"b\":2,\"\\u00e9\":3}]"
    let page = try RecordScanner.bare("id", "a\"b", "é").document(text)
    #expect(page.texts(0, in: text) == ["1", "2", "3"])
  }

  @Test("keys that begin alike or differ in length are told apart")
  func similarKeys() throws {
    let text = """
      [{"customer":0,"customer_":1,"customer_id":2,"customer_ix":3,"customers":4,"cust":5,"":6,
        "customer_\\u0069d2":7,"customer_name_of_the_household":8}]
      """
    let page = try RecordScanner.bare(
      "customer_id", "customer", "cust", "customer_id2", "customer_name_of_the_household"
    ).document(text)
    #expect(page.texts(0, in: text) == ["2", "0", "5", "7", "8"])
  }

  @Test("a path may be wanted twice, and together with one below it")
  func overlappingPaths() throws {
    let text = "[{\"a\":{\"b\":{\"c\":7}}}]"
    let page = try RecordScanner.bare("a.b.c", "a.b", "a.b.c", "a", "").document(text)
    let raw = Array(text.utf8).withUnsafeBytes { bytes in
      page.fields.map { String(decoding: $0.bytes(in: bytes), as: UTF8.self) }
    }
    #expect(
      raw == ["7", "{\"c\":7}", "7", "{\"b\":{\"c\":7}}", "{\"a\":{\"b\":{\"c\":7}}}"])
  }

  @Test("a path wanted twice is filled in every record, and in the envelope")
  func repeatedPaths() throws {
    let text = "{\"n\":9,\"data\":[{\"a\":1},{\"a\":2},{}]}"
    let scanner = RecordScanner(
      records: JSONPath("data"), envelope: [JSONPath("n"), JSONPath("n")],
      fields: [JSONPath("a"), JSONPath("a")])
    let page = try scanner.document(text)
    #expect(
      (0..<3).map { page.texts($0, in: text) } == [
        ["1", "1"], ["2", "2"], ["missing", "missing"],
      ])
    #expect(page.envelope[0].kind == .number)
    #expect(page.envelope[0] == page.envelope[1])
  }

  @Test("a path does not lead through arrays or scalars")
  func blockedPaths() throws {
    let text = "[{\"a\":[{\"b\":1}]},{\"a\":3},{\"a\":\"b\"},{\"x\":{\"a\":{\"b\":1}}}]"
    let page = try RecordScanner.bare("a.b").document(text)
    #expect(page.fields.map(\.kind) == [.missing, .missing, .missing, .missing])
  }

  @Test("the envelope may hold what would spoil a record")
  func lenientEnvelope() throws {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    let text =
      "{\"x\":\"\\u0000\\ud800\",\"y\":\(deep),\"z\":1e999999,\"q\":{\"a\":1,\"a\":2},\"data\":[{}]}"
    let scanner = RecordScanner(records: JSONPath("data"), envelope: [], fields: [])
    #expect(try scanner.document(text).records.map(\.flaw) == [nil])
  }

  @Test("the array of records may itself be wanted of the envelope")
  func envelopeAroundRecords() throws {
    let scanner = RecordScanner(
      records: JSONPath("data"), envelope: [JSONPath("data"), JSONPath("")], fields: [])
    let page = try scanner.document("{\"data\":[{},{}]}")
    #expect(page.envelope.map(\.kind) == [.array, .object])
    #expect(page.envelope.map(\.start) == [8, 0])
    #expect(page.envelope.map(\.end) == [15, 16])
  }

  @Test("a byte order mark before the document is skipped")
  func byteOrderMark() throws {
    #expect(try RecordScanner.bare().document("\u{feff}[{}]").records.count == 1)
  }
}

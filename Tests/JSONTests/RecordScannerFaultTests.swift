import JSON
import Testing

@Suite struct RecordScannerFaultTests {
  private func fault(_ text: String, records: String = "") -> JSONError? {
    #expect(throws: JSONError.self) {
      try RecordScanner(records: JSONPath(records), envelope: [], fields: []).document(text)
    }
  }

  @Test(
    "a broken grammar is told with its place and what was expected",
    arguments: [
      (
        "[{\"a\":1}", 8,
        "expected \",\" or \"]\" after an element, got the end: the document is cut off"
      ),
      ("[{\"a\":1]", 7, "expected \",\" or \"}\" after a member, got \"]\""),
      ("[{\"a\" 1}]", 6, "expected \":\" after a key, got \"1\""),
      ("[{a:1}]", 2, "expected a key in double quotes, got \"a\""),
      ("[{\"a\":1,}]", 8, "expected a key in double quotes, got \"}\""),
      ("[{},]", 4, "expected a value, got \"]\""),
      ("[{}] x", 5, "expected nothing after the document, got \"x\""),
      ("[{\"a\":\"\n\"}]", 7, "expected no raw control character in a string, got a line break"),
      ("[{\"a\":\"\\x\"}]", 8, "expected one of \"\\/bfnrtu after a backslash, got \"x\""),
      ("[{\"a\":\"\\u12g4\"}]", 11, "expected four hexadecimal digits after \\u, got \"g\""),
      ("[{\"a\":01}]", 7, "expected \",\" or \"}\" after a member, got \"1\""),
      ("[{\"a\":1.}]", 8, "expected a digit, got \"}\""),
      ("[{\"a\":-}]", 7, "expected a digit, got \"}\""),
      ("[{\"a\":1e+}]", 9, "expected a digit, got \"}\""),
      ("[{\"a\":+1}]", 6, "expected a value, got \"+\""),
      ("[{\"a\":.5}]", 6, "expected a value, got \".\""),
      ("[{\"a\":tru}]", 6, "expected a value, got \"t\""),
      ("[{\"a\":nul", 9, "expected a value, got the end: the document is cut off"),
      ("[\u{a0}]", 1, "expected a value, got the byte 0xc2"),
      ("", 0, "expected a value, got the end: the document is cut off"),
    ])
  func grammar(_ text: String, _ offset: Int, _ message: String) {
    let error = fault(text)
    #expect(error?.offset == offset)
    #expect(error?.message == message)
    #expect(error?.description == "byte \(offset): \(message)")
  }

  @Test("an unfinished document is told apart from a broken one")
  func reasons() {
    #expect(fault("[{\"a\":\"x")?.reason == .cutOff)
    #expect(fault("[{\"a\":x")?.reason == .grammar)
  }

  @Test(
    "a record array that is missing or no array is an error, null included",
    arguments: [
      ("{}", "expected an array of records at data.list, and found none"),
      ("{\"data\":{}}", "expected an array of records at data.list, and found none"),
      ("{\"data\":[]}", "expected an array of records at data.list, and found none"),
      ("{\"data\":null}", "expected an array of records at data.list, and found none"),
      ("[]", "expected an array of records at data.list, and found none"),
      ("\"no\"", "expected an array of records at data.list, and found none"),
      ("{\"data\":{\"list\":null}}", "expected an array of records at data.list, got null"),
      ("{\"data\":{\"list\":{}}}", "expected an array of records at data.list, got an object"),
      ("{\"data\":{\"list\":\"\"}}", "expected an array of records at data.list, got a string"),
      (
        "{\"data\":{\"list\":false}}",
        "expected an array of records at data.list, got true or false"
      ),
      ("{\"data\":{\"list\":-7}}", "expected an array of records at data.list, got a number"),
    ])
  func noRecords(_ text: String, _ message: String) {
    let error = fault(text, records: "data.list")
    #expect(error?.reason == .noRecords)
    #expect(error?.message == message)
  }

  @Test("a document that should be the array says so")
  func noBareRecords() {
    #expect(fault("{}")?.message == "expected an array of records as the document, got an object")
  }

  @Test("broken grammar in the place of the records is a broken grammar")
  func brokenRecords() {
    #expect(fault("{\"data\":?}", records: "data")?.reason == .grammar)
    #expect(fault("{\"data\":", records: "data")?.reason == .cutOff)
  }

  @Test("two arrays under the records' path make its meaning unclear")
  func repeatedEnvelopeKey() {
    #expect(fault("{\"data\":[],\"data\":[]}", records: "data")?.reason == .duplicateKey)
    #expect(fault("{\"data\":[],\"d\\u0061ta\":1}", records: "data")?.reason == .duplicateKey)
  }

  @Test("bytes that are no text around the records fail the page")
  func envelopeEncoding() throws {
    let scanner = RecordScanner(records: JSONPath("data"), envelope: [], fields: [])
    for text in [
      "{\"x\":\"?\",\"data\":[]}", "{\"?\":1,\"data\":[]}", "{\"data\":[],\"y\":[\"\\ud800?\"]}",
    ] {
      let bytes = text.utf8.map { $0 == UInt8(ascii: "?") ? 0xff : $0 }
      let error = #expect(throws: JSONError.self) { try scanner.document(bytes) }
      #expect(error?.reason == .encoding)
    }
  }

  @Test("the last record's flaw is not taken for the page's")
  func flawBeforeEnvelope() throws {
    let scanner = RecordScanner(records: JSONPath("data"), envelope: [], fields: [])
    let bytes = "{\"data\":[{\"a\":\"?\"}],\"next\":1}".utf8.map {
      $0 == UInt8(ascii: "?") ? 0xff : $0
    }
    #expect(try scanner.document(bytes).records.map(\.flaw) == [.invalidUTF8])
  }

  @Test("a document cut off after any byte is an error, and never a page")
  func truncations() throws {
    let text = """
      {"next": "a\\u00e9\\ud83d\\ude00/é😀", "data": [ {"id": -12.5e+3, "x": [true, false, null, {}, []]},
      {"id": "\\n", "customer": {"email": "a@b.c", "deep": [[[[{"k": [1, 2]}]]]]}} ], "more": {"a": {"b": []}}}
      """
    let whole = Array(text.utf8)
    let scanner = RecordScanner(
      records: JSONPath("data"), envelope: [JSONPath("next"), JSONPath("more.a")],
      fields: [JSONPath("id"), JSONPath("customer.email")])
    #expect(try scanner.document(whole).records.map(\.flaw) == [nil, nil])
    for length in 0..<whole.count {
      let error = #expect(throws: JSONError.self, "cut to \(length) bytes") {
        // A copy of exactly this length, so that a sanitizer would see a read beyond it.
        try scanner.document(Array(whole[..<length]))
      }
      #expect(error?.reason == .cutOff, "cut to \(length) bytes: \(error?.description ?? "")")
      #expect(error?.offset == length)
    }
  }

  @Test("more records than memory should hold are refused, however short they are")
  func tooManyRecords() throws {
    let most = RecordScanner.mostRecords
    let scanner = RecordScanner(records: JSONPath(keys: []), envelope: [], fields: [])
    func page(_ count: Int) -> [UInt8] {
      Array(("[" + String(repeating: "1,", count: count - 1) + "1]").utf8)
    }
    #expect(try scanner.document(page(most)).records.count == most)
    let error = #expect(throws: JSONError.self) { try scanner.document(page(most + 1)) }
    #expect(error?.reason == .tooLarge)
    #expect(error?.message == "expected at most 1048576 records in one page, got more")
  }

  @Test("more bytes than offsets can count are refused without a look at them")
  func tooLarge() throws {
    let error = #expect(throws: JSONError.self) {
      // The address is never read: the length alone decides.
      var byte: UInt8 = 0
      return try withUnsafeBytes(of: &byte) { one in
        try RecordScanner.bare().scanDocument(
          UnsafeRawBufferPointer(start: one.baseAddress, count: RecordScanner.pageLimit + 1))
      }
    }
    #expect(error?.reason == .tooLarge)
  }
}

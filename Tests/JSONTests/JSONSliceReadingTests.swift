import JSON
import Testing

@Suite struct JSONSliceReadingTests {
  private func read<Result>(
    _ value: String, _ body: (JSONSlice, UnsafeRawBufferPointer) -> Result
  ) throws -> Result {
    let bytes = Array("[{\"v\":\(value)}]".utf8)
    let page = try RecordScanner.bare("v").document(bytes)
    return bytes.withUnsafeBytes { body(page.fields[0], $0) }
  }

  @Test(
    "a string is read as it stands for",
    arguments: [
      ("\"\"", ""), ("\"plain\"", "plain"), ("\"é😀\"", "é😀"),
      ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"),
      ("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00!\"", "Aé€😀!"), ("\"\\u0000\"", "\0"),
    ])
  func strings(_ written: String, _ text: String) throws {
    try read(written) { slice, page in
      #expect(slice.string(in: page) == text)
      #expect(slice.text(in: page) == text)
      var appended = Array("<".utf8)
      #expect(slice.appendText(in: page, to: &appended))
      #expect(appended == Array(("<" + text).utf8))
    }
  }

  @Test(
    "a number is text as it was written", arguments: ["1.10", "-0", "12345678901234567890.5E+3"])
  func numbers(_ written: String) throws {
    try read(written) { slice, page in
      #expect(slice.string(in: page) == nil)
      #expect(slice.text(in: page) == written)
      var appended: [UInt8] = []
      #expect(slice.appendText(in: page, to: &appended))
      #expect(appended == Array(written.utf8))
    }
  }

  @Test(
    "what is no text gives none, and appends nothing",
    arguments: [
      "null", "true", "false", "[\"a\"]", "{\"a\":1}", "\"ab\\ud800\"", "\"\\udc00\\u0041\"",
    ])
  func noText(_ written: String) throws {
    try read(written) { slice, page in
      #expect(slice.string(in: page) == nil)
      #expect(slice.text(in: page) == nil)
      var appended = Array("<".utf8)
      #expect(!slice.appendText(in: page, to: &appended))
      #expect(appended == Array("<".utf8))
    }
  }

  @Test("a path that leads nowhere gives no text")
  func missing() {
    let page = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(JSONSlice.missing.text(in: page) == nil)
    #expect(JSONSlice.missing.bytes(in: page).isEmpty)
  }
}

import JSON
import Testing

@Suite struct JSON5ParsingTests {
  @Test("what people may write is read as what it means")
  func document() throws {
    let value = try JSONValue.parse(
      """
      // a comment
      {
        unquoted: 'single "quotes"', /* another */
        'single': "it's",
        $dollar_1: [1, 2, 3,], ünï: 0xFF, \\u0061b: +1,
        lead: .5, trail: 5., both: -.25e2, trailExponent: 5.e3, hex: -0Xdeadbeef,
        continued: "one \\
      line", escapes: '\\x41\\v\\0\\'\\a\\é',
        "tab	in text": null,
      } // the end
      """, dialect: .json5)
    let expected: JSONValue = [
      "unquoted": "single \"quotes\"", "single": "it's", "$dollar_1": [1, 2, 3], "ünï": 255,
      "ab": 1, "lead": .number("0.5"), "trail": 5, "both": .number("-0.25e2"),
      "trailExponent": .number("5e3"), "hex": -3_735_928_559, "continued": "one line",
      "escapes": "A\u{b}\0'aé", "tab\tin text": nil,
    ]
    #expect(value == expected)
  }

  @Test("what is JSON is JSON5 with the same meaning", arguments: 0..<200 as Range<UInt64>)
  func superset(_ seed: UInt64) throws {
    let text = RandomJSON.text(seed: seed)
    #expect(
      try JSONValue.parse(text, dialect: .json5) == JSONValue.parse(text), "seed \(seed): \(text)")
  }

  @Test(
    "white space and line ends of every sort separate",
    arguments: [
      "\u{b}", "\u{c}", "\u{a0}", "\u{2028}", "\u{3000}", "\u{feff}", "\r\n", "//x\r",
      "//x\u{2029}", "/**/", "/*\n**/",
    ])
  func space(_ space: String) throws {
    #expect(try JSONValue.parse("[\(space)1\(space),\(space)]\(space)", dialect: .json5) == [1])
  }

  @Test(
    "a line may go on behind every sort of line end",
    arguments: ["\n", "\r", "\r\n", "\u{2028}", "\u{2029}"])
  func continuation(_ end: String) throws {
    #expect(try JSONValue.parse("'a\\\(end)b'", dialect: .json5) == "ab")
  }

  @Test(
    "what it cannot mean is refused",
    arguments: [
      ("[Infinity]", "expected a number, got Infinity, which cannot be stored"),
      ("[-Infinity]", "expected a number, got Infinity, which cannot be stored"),
      ("[NaN]", "expected a number, got NaN, which cannot be stored"),
      ("[0x]", "expected a hexadecimal digit, got \"]\""),
      ("[0x10000000000000000]", "expected a hexadecimal number of at most 64 bits"),
      ("[.]", "expected a digit after the point, got \"]\""),
      ("[,]", "expected a value, got \",\""), ("[1,,]", "expected a value, got \",\""),
      ("{,}", "expected a key, got \",\""), ("{1a:1}", "expected a key, got \"1\""),
      ("{a b}", "expected \":\" after the key \"a\", got \"b\""),
      ("{\\x:1}", "expected \"u\" after a backslash in a key, got \"x\""),
      ("{\\u0020:1}", "expected a letter in a key without quotes, got another"),
      ("'\\1'", "expected no digit after a backslash, got \"1\""),
      ("'\\01'", "expected no digit after \\0, got \"1\""),
      ("'\\x4'", "expected 2 hexadecimal digits, got \"'\""),
      ("'a\nb'", "expected no raw control character in a string, got a line break"),
      ("/* x", "expected the end \"*/\" of the comment, got the end of the text"),
      ("/x", "expected a value or a comment, got \"/\""),
      ("{a:1,'a':2}", "expected each key once in an object, got \"a\" again"),
      (
        "'abc\"",
        "expected the closing quote of the string that begins in line 1, got the end of the text"
      ),
      ("012", "expected no digit after a leading 0"),
      ("[1] [2]", "expected nothing after the value, got \"[\""),
    ])
  func faults(_ text: String, _ message: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue.parse(text, dialect: .json5) }
    #expect(error?.message == message)
  }

  @Test("a text cut off anywhere is refused")
  func truncations() {
    let whole = Array("{a: 'é\\x41\\\n', b: [0xFF, +.5e1,], /* c */ $: \"\\u00e9\",}".utf8)
    for length in 0..<whole.count {
      #expect(throws: JSONError.self, "cut to \(length) bytes") {
        try JSONValue.parse(Array(whole[..<length]), dialect: .json5)
      }
    }
  }
}

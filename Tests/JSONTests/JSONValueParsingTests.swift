import JSON
import Testing

@Suite struct JSONValueParsingTests {
  @Test("every kind of value is read, numbers as they were written")
  func kinds() throws {
    let value = try JSONValue.parse(
      " {\"n\": null, \"t\": true, \"f\": false, \"i\": 1.10, \"s\": \"a\\u00e9\\n\", \"a\": [1, [], {}]} "
    )
    let expected: JSONValue = [
      "n": nil, "t": true, "f": false, "i": .number("1.10"), "s": "aé\n", "a": [1, [], [:]],
    ]
    #expect(value == expected)
  }

  @Test("a value may stand alone", arguments: ["1", "-0.0e-0", "\"\"", "null", "[]", "{}"])
  func scalars(_ text: String) throws {
    #expect(try JSONValue.parse(text).encoded() == text)
  }

  @Test(
    "a fault is told with line, column and what was expected",
    arguments: [
      ("", 1, 1, "expected a value, got the end of the text"),
      (
        "{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3,
        "expected \",\" or \"}\" after a member, got a double quote"
      ),
      ("{\"a\" 1}", 1, 6, "expected \":\" after the key \"a\", got \"1\""),
      ("[1,\n2,\n]", 3, 1, "expected a value, got \"]\""),
      ("{\"a\":1,}", 1, 8, "expected a key in double quotes, got \"}\""),
      ("[1] 2", 1, 5, "expected nothing after the value, got \"2\""),
      ("[01]", 1, 3, "expected no digit after a leading 0"),
      ("[1.]", 1, 4, "expected a digit after the point, got \"]\""),
      ("[1e]", 1, 4, "expected a digit in the exponent, got \"]\""),
      ("[-]", 1, 3, "expected a digit after the sign, got \"]\""),
      ("[+1]", 1, 2, "expected a value, got \"+\""),
      ("[.5]", 1, 2, "expected a value, got \".\""),
      ("[0x10]", 1, 3, "expected \",\" or \"]\" after an element, got \"x\""),
      ("[tru]", 1, 2, "expected a value, got \"t\""),
      ("[nul", 1, 5, "expected a value, got the end of the text"),
      ("['a']", 1, 2, "expected a value, got \"'\""),
      ("[é]", 1, 2, "expected a value, got \"é\""),
      ("// no", 1, 1, "expected a value, got \"/\""),
      ("[\"a\nb\"]", 1, 4, "expected no raw control character in a string, got a line break"),
      ("[\"\\q\"]", 1, 4, "expected one of \"\\/bfnrtu after a backslash, got \"q\""),
      ("[\"\\u00x0\"]", 1, 7, "expected 4 hexadecimal digits, got \"x\""),
      (
        "\n\"abc", 2, 5,
        "expected the closing quote of the string that begins in line 2, got the end of the text"
      ),
      ("[\"\\ud800\"]", 1, 3, "expected both halves of a surrogate pair, got one alone"),
      ("{\"a\":1,\n\"\\u0061\":2}", 2, 1, "expected each key once in an object, got \"a\" again"),
    ])
  func faults(_ text: String, _ line: Int, _ column: Int, _ message: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    #expect(error?.description == "line \(line), column \(column): \(message)")
    #expect(error?.place?.line == line)
    #expect(error?.place?.column == column)
  }

  @Test("bytes that are not UTF-8 are refused with their place")
  func encoding() {
    let error = #expect(throws: JSONError.self) {
      try JSONValue.parse(Array("[\"a\"".utf8) + [0xc3] + Array("\"]".utf8))
    }
    #expect(error?.reason == .encoding)
    #expect(error?.offset == 4)
    #expect(error?.message == "expected UTF-8, got the byte 0xc3")
  }

  @Test("128 levels are read, 129 refused")
  func depth() throws {
    let text = { (depth: Int) in
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try JSONValue.parse(text(128)).encoded() == text(128))
    for depth in [129, 200_000] {
      let error = #expect(throws: JSONError.self) { try JSONValue.parse(text(depth)) }
      #expect(error?.reason == .tooDeep)
      #expect(error?.offset == 128)
    }
  }

  @Test("an object with many keys is read in linear time, and a repeated key among them found")
  func manyKeys() throws {
    let members = (0..<50_000).map { "\"key \($0)\":\($0)" }.joined(separator: ",")
    let object = try #require(try JSONValue.parse("{\(members)}").object)
    #expect(object.count == 50_000)
    #expect(object["key 49999"] == 49_999)
    let error = #expect(throws: JSONError.self) {
      try JSONValue.parse("{\(members),\"key 777\":0}")
    }
    #expect(error?.reason == .duplicateKey)
  }

  @Test("keys that only look alike are two keys")
  func similarKeys() throws {
    #expect(try JSONValue.parse("{\"é\":1,\"e\u{301}\":2}").object?.count == 2)
  }

  @Test("a text cut off anywhere is refused")
  func truncations() {
    let whole = Array(
      "{\"a\": [1, -2.5e3, \"x\\u00e9\\ud83d\\ude00é\", true, false, null, {}, []]}".utf8)
    for length in 0..<whole.count {
      let error = #expect(throws: JSONError.self) { try JSONValue.parse(Array(whole[..<length])) }
      #expect(error != nil, "cut to \(length) bytes")
    }
  }
}

import Testing

@testable import JSON

@Suite struct JSONValueEncodingTests {
  private let value: JSONValue = [
    "z": "a\"\\/\n\t\u{8}\u{c}\r\u{1}\u{1f}\u{7f}é😀", "list": [1, .number("2.50"), [], [:]],
    "a": ["b": nil, "c": true],
  ]

  @Test("compact text keeps order and numbers, and escapes only what it must")
  func compact() {
    #expect(
      value.encoded()
        == "{\"z\":\"a\\\"\\\\/\\n\\t\\b\\f\\r\\u0001\\u001f\u{7f}é😀\","
        + "\"list\":[1,2.50,[],{}],\"a\":{\"b\":null,\"c\":true}}")
  }

  @Test("indented text has a line for each member and element")
  func indented() {
    let value: JSONValue = ["a": [1, 2], "b": [], "c": [:], "d": ["e": "f"]]
    #expect(
      value.encoded(indent: 2) == """
        {
          "a": [
            1,
            2
          ],
          "b": [],
          "c": {},
          "d": {
            "e": "f"
          }
        }
        """)
  }

  @Test("what is written is read back the same", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(_ seed: UInt64) throws {
    let value = try JSONValue.parse(RandomJSON.text(seed: seed))
    #expect(try JSONValue.parse(value.encoded()) == value, "seed \(seed)")
    #expect(try JSONValue.parse(value.encoded(indent: 3)) == value, "seed \(seed)")
    let canonical = value.canonical()
    #expect(try JSONValue.parse(canonical).canonical() == canonical, "seed \(seed)")
  }

  @Test("canonical bytes do not depend on order, spacing, escapes or the way of a number")
  func canonical() throws {
    let left = try JSONValue.parse(
      "{\"b\": 1.10, \"a\": {\"y\": 1e2, \"x\": \"\\u00e9\\/\"}, \"aa\": -0.0}")
    let right = try JSONValue.parse("{\"aa\":0,\"a\":{\"x\":\"é/\",\"y\":100.0},\"b\":11e-1}")
    #expect(left.canonical() == right.canonical())
    #expect(
      String(decoding: left.canonical(), as: UTF8.self)
        == "{\"a\":{\"x\":\"é/\",\"y\":1e2},\"aa\":0,\"b\":11e-1}")
  }

  @Test("canonical bytes tell apart what differs")
  func canonicalDifferences() throws {
    let texts = [
      "1", "\"1\"", "[1]", "true", "null", "\"é\"", "\"e\u{301}\"", "{}", "[]", "1.01", "[1,2]",
      "[2,1]",
    ]
    let all = try texts.map { try JSONValue.parse($0).canonical() }
    #expect(Set(all).count == texts.count)
  }

  @Test(
    "numbers of one value have one form",
    arguments: [
      ("0", ["-0", "0.00", "0e5", "-0.0E-7", "0e99999999999999999999"]),
      ("11e-1", ["1.1", "1.10", "11e-1", "0.11e1", "110E-2", "1.1e0", "1.1e+00"]),
      ("-125e-1", ["-12.5", "-12.50", "-1250e-2"]), ("1e2", ["100", "1e+2", "0.1e3", "100.0"]),
      ("12345678901234567890123e-3", ["12345678901234567890.123", "12345678901234567890.1230"]),
      ("9007199254740993", ["9007199254740993", "9007199254740993.0"]),
    ])
  func numbers(_ form: String, _ written: [String]) {
    for number in written { #expect(canonicalNumber(number) == form, "\(number)") }
  }

  @Test("numbers that a Double cannot tell apart stay apart")
  func exactNumbers() {
    #expect(canonicalNumber("9007199254740993") != canonicalNumber("9007199254740992"))
    #expect(canonicalNumber("0.1") != canonicalNumber("0.1000000000000000055"))
    #expect(canonicalNumber("1e99999999999999999999") != canonicalNumber("1e99999999999999999998"))
    #expect(canonicalNumber("1e-999999999999999") == "1e-999999999999999")
    #expect(canonicalNumber("1.5e-9223372036854775808") == "1.5e-9223372036854775808")
  }
}

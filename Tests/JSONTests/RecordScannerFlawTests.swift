import JSON
import Testing

@Suite struct RecordScannerFlawTests {
  @Test(
    "what is no object is flagged",
    arguments: ["1", "\"x\"", "null", "true", "[]", "[{}]", "-0.1e1"])
  func notAnObject(_ record: String) throws {
    #expect(try RecordScanner.flaw(of: record) == .notAnObject)
  }

  @Test(
    "text that PostgreSQL cannot hold is flagged",
    arguments: [
      ("\\u0000", RecordFlaw.nulCharacter), ("a\\u0000b", .nulCharacter),
      ("\\ud800", .loneSurrogate), ("\\udc00", .loneSurrogate), ("\\ud800\\ud800", .loneSurrogate),
      ("\\ud800x", .loneSurrogate), ("\\ud83d\\n", .loneSurrogate),
      ("\\udbff\\ue000", .loneSurrogate), ("\\udc00\\ud800", .loneSurrogate),
    ])
  func text(_ content: String, _ flaw: RecordFlaw) throws {
    #expect(try RecordScanner.flaw(of: "{\"a\":\"\(content)\"}") == flaw)
    #expect(try RecordScanner.flaw(of: "{\"\(content)\":1}") == flaw)
    #expect(try RecordScanner.flaw(of: "{\"a\":[{\"b\":\"some text before \(content)\"}]}") == flaw)
  }

  @Test(
    "text that looks like it is sound",
    arguments: ["\\\\u0000", "\\u0001", "\\ud83d\\ude00", "\\udbff\\udfff", "\\u00e9", "\\ue000"])
  func soundText(_ content: String) throws {
    #expect(try RecordScanner.flaw(of: "{\"a\":\"\(content)\"}") == nil)
  }

  @Test(
    "bytes that are not UTF-8 are flagged",
    arguments: [
      [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf],
      [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xe2, 0x82], [0xf0, 0x80, 0x80, 0x80],
      [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80],
      [0xf0, 0x9f, 0x98], [0xff], [0xfe, 0xff],
    ] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) throws {
    for padding in 0..<9 {
      let plain = [UInt8](repeating: 0x61, count: padding)
      let record = Array("[{\"a\":\"".utf8) + plain + bytes + plain + Array("\"},{}]".utf8)
      let page = try RecordScanner.bare().document(record)
      #expect(page.records.map(\.flaw) == [.invalidUTF8, nil])
    }
  }

  @Test(
    "the first and last characters of each length are sound",
    arguments: [
      "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}",
      "\u{10ffff}",
    ])
  func validUTF8(_ character: String) throws {
    for padding in 0..<9 {
      let plain = String(repeating: "a", count: padding)
      #expect(try RecordScanner.flaw(of: "{\"a\":\"\(plain)\(character)\(plain)\"}") == nil)
    }
  }

  @Test("bytes that are no text weigh more than another flaw before them")
  func gravestFlaw() throws {
    let record = Array("[{\"a\":\"\\u0000".utf8) + [0xff] + Array("\"}]".utf8)
    #expect(try RecordScanner.bare().document(record).records.map(\.flaw) == [.invalidUTF8])
  }

  @Test("128 levels are sound, 129 are too deep, in objects, arrays and both")
  func depth() throws {
    for (open, close) in [("{\"a\":", "}"), ("[", "]"), ("[{\"a\":", "}]")] {
      let levels = open.count > 5 ? 2 : 1
      for depth in [127, 128, 129, 1000, 100_001] where (depth - 1).isMultiple(of: levels) {
        let count = (depth - 1) / levels
        let inner =
          String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
        let flaw = try RecordScanner.flaw(of: "{\"x\":\(inner)}")
        #expect(flaw == (depth <= 128 ? nil : .tooDeep), "\(open) \(depth)")
      }
    }
  }

  @Test("the scan goes on behind what is too deep, and checks its grammar")
  func behindDepth() throws {
    let deep = String(repeating: "[{\"k\\n\": [[], {}, -1.5e3, \"s\", ", count: 200)
    let sound = deep + "null" + String(repeating: "]}]", count: 200)
    let page = try RecordScanner.bare("b").document("[{\"a\":\(sound),\"b\":2},{\"b\":3}]")
    #expect(page.records.map(\.flaw) == [.tooDeep, nil])
    let crossed = sound.replacing("null]}]", with: "null}]]")
    #expect(throws: JSONError.self) { try RecordScanner.bare().document("[{\"a\":\(crossed)}]") }
    #expect(throws: JSONError.self) {
      try RecordScanner.bare().document(
        "[{\"a\":\(deep)null\(String(repeating: "]]]", count: 200))}]")
    }
  }

  @Test("16 MiB are sound, one byte more is too large")
  func size() throws {
    let text = String(repeating: "x", count: RecordScanner.recordLimit - 8)
    #expect(try RecordScanner.flaw(of: "{\"a\":\"\(text)\"}") == nil)
    #expect(try RecordScanner.flaw(of: "{\"a\":\"\(text)y\"}") == .tooLarge)
  }

  @Test(
    "numbers beyond PostgreSQL's numeric are flagged, those near its bounds are not",
    arguments: [
      ("1e129999", true), ("1e130000", false), ("-1e130000", false), ("1e-16000", true),
      ("1e-16001", false), ("0.1e-15999", true), ("0.1e-16000", false), ("123e129997", true),
      ("123e129998", false), ("1e99999999999999999999999", false),
      ("1e-99999999999999999999", false),
      ("1e+000000000000000000000005", true), ("0e0", true), ("1.5E+3", true),
    ])
  func numbers(_ number: String, _ isSound: Bool) throws {
    #expect(try RecordScanner.flaw(of: "{\"a\":\(number)}") == (isSound ? nil : .numberOutOfRange))
  }

  @Test("digits themselves are counted")
  func manyDigits() throws {
    let digits = { String(repeating: "7", count: $0) }
    #expect(try RecordScanner.flaw(of: "{\"a\":\(digits(130_000))}") == nil)
    #expect(try RecordScanner.flaw(of: "{\"a\":\(digits(130_001))}") == .numberOutOfRange)
    #expect(try RecordScanner.flaw(of: "{\"a\":0.\(digits(16_000))}") == nil)
    #expect(try RecordScanner.flaw(of: "{\"a\":0.\(digits(16_001))}") == .numberOutOfRange)
    #expect(try RecordScanner.flaw(of: "{\"a\":0.\(digits(16_001))e1}") == nil)
    #expect(try RecordScanner.flaw(of: "{\"a\":\(digits(130_001))e-1}") == nil)
  }

  @Test(
    "a key that occurs twice in one object is flagged",
    arguments: [
      "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"\\u0061\":2}",
      "{\"\":1,\"\":2}",
      "{\"x\":[{\"k\":{\"a\":1,\"a\":2}}]}", "{\"x\":{\"a\":1},\"y\":{\"b\":1},\"x\":1}",
      "{\"a long key that is here twice\":1,\"a long key that is here twice\":2}",
      "{\"\\u00e9\":1,\"é\":2}",
    ])
  func duplicateKeys(_ record: String) throws {
    #expect(try RecordScanner.flaw(of: record) == .duplicateKey)
  }

  @Test(
    "keys that only look alike are sound",
    arguments: [
      "{\"a\":{\"a\":{\"a\":1}}}", "{\"x\":[{\"a\":1},{\"a\":2}]}", "{\"a\":1,\"A\":2,\"aa\":3}",
      "{\"é\":1,\"e\u{301}\":2}", "{\"customer_a\":1,\"customer_b\":2,\"customer__\":3}",
      "{\"\\\\u0061\":1,\"a\":2}", "{\"a\":1,\"a\\u0001\":2}",
    ])
  func distinctKeys(_ record: String) throws {
    #expect(try RecordScanner.flaw(of: record) == nil)
  }

  @Test("a repeated key is found in objects of every size, wherever it stands")
  func largeObjects() throws {
    for count in [1, 2, 31, 32, 33, 34, 40, 64, 100, 1000] {
      let keys = (0..<count).map { "key number \($0)" }
      let members = keys.map { "\"\($0)\":{\"inner\":1}" }.joined(separator: ",")
      #expect(try RecordScanner.flaw(of: "{\(members)}") == nil, "\(count) keys")
      for repeated in [0, count / 2, count - 1] {
        let flaw = try RecordScanner.flaw(of: "{\(members),\"\(keys[repeated])\":1}")
        #expect(flaw == .duplicateKey, "key \(repeated) of \(count)")
      }
    }
  }

  @Test("an object with many keys takes no more than linear time", .timeLimit(.minutes(1)))
  func manyKeys() throws {
    let members = (0..<1_000_000).map { "\"\($0)\":0" }.joined(separator: ",")
    #expect(try RecordScanner.flaw(of: "{\(members)}") == nil)
    #expect(try RecordScanner.flaw(of: "{\(members),\"\\u0030\":1}") == .duplicateKey)
  }

  @Test("a flaw stays with its record")
  func neighbours() throws {
    let text = "[{\"id\":1},{\"id\":\"\\u0000\"},{\"id\":2},5,{\"id\":3,\"id\":3},{\"id\":4}]"
    let page = try RecordScanner.bare("id").document(text)
    #expect(
      page.records.map(\.flaw) == [nil, .nulCharacter, nil, .notAnObject, .duplicateKey, nil])
    #expect(page.texts(2, in: text) == ["2"])
    #expect(page.texts(5, in: text) == ["4"])
    #expect(page.record(3, in: text) == "5")
  }
}

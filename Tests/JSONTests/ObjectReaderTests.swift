import JSON
import Testing

@Suite struct ObjectReaderTests {
  private enum Policy: String, CaseIterable {
    case keepFirst = "keep_first"
    case newVersion = "new_version"
    case reject
  }

  private struct Stream: Equatable {
    var name: String
    var key: String
    var policy: Policy
    var limit: Int?
    var tags: [String]
  }

  private func read(_ text: String) throws -> [Stream] {
    try ObjectReader.read(try JSONValue.parse(text, dialect: .json5)) { document in
      document.namedObjects("sources").flatMap { _, source in
        source.namedObjects("streams").map { name, stream in
          Stream(
            name: name, key: stream.string("key"),
            policy: stream.optionalChoice("policy") ?? .keepFirst,
            limit: stream.optionalInt("limit", in: 1...100),
            tags: stream.optionalStrings("tags") ?? [])
        }
      }
    }
  }

  /// All that is wrong, a line each.
  private func faults(
    _ value: JSONValue, _ body: (ObjectReader) -> Void
  ) -> [String] {
    do throws(Faults) {
      try ObjectReader.read(value, body)
      return []
    } catch {
      return error.faults.map(\.description)
    }
  }

  @Test("a sound definition is read whole")
  func sound() throws {
    let streams = try read(
      """
      {sources: {shop: {streams: {
        orders: {key: "shop:{id}", policy: "new_version", limit: 7, tags: ["finance"]},
        refunds: {key: "r:{id}", policy: null},
      }}}}
      """)
    #expect(
      streams == [
        Stream(name: "orders", key: "shop:{id}", policy: .newVersion, limit: 7, tags: ["finance"]),
        Stream(name: "refunds", key: "r:{id}", policy: .keepFirst, limit: nil, tags: []),
      ])
  }

  @Test("all faults are told at once, each by its path")
  func allFaults() throws {
    let error = #expect(throws: Faults.self) {
      try read(
        """
        {sources: {shop: {streams: {
          orders: {key: 5, policy: "newversion", limit: 0, tags: ["ok", 1, ""], cursr: 1},
          refunds: [],
          items: {kye: "x"},
        }, polcy: 1}}, source: {}}
        """)
    }
    #expect(
      error?.faults.map(\.description) == [
        "sources.shop.streams.refunds: expected refunds to be an object, got an empty list",
        "sources.shop.streams.orders.key: expected key to be a string that is not empty, got 5",
        "sources.shop.streams.orders.policy: expected policy to be one of \"keep_first\", "
          + "\"new_version\", \"reject\", got \"newversion\"; did you mean \"new_version\"?",
        "sources.shop.streams.orders.limit: expected limit to be a whole number from 1 to 100, got 0",
        "sources.shop.streams.orders.tags[1]: expected tags[1] to be a string that is not empty, got 1",
        "sources.shop.streams.orders.tags[2]: expected tags[2] to be a string that is not empty, got \"\"",
        "sources.shop.streams.items.key: expected key to be a string that is not empty, got nothing",
        "unknown key \"source\"; did you mean \"sources\"?",
        "sources.shop: unknown key \"polcy\"",
        "sources.shop.streams.orders: unknown key \"cursr\"",
        "sources.shop.streams.items: unknown key \"kye\"; did you mean \"key\"?",
      ])
  }

  @Test("an unknown key is told with the nearest known one, once")
  func unknownKey() {
    let found = faults(["cursr": 1, "zone": 2]) { reader in
      _ = reader.optionalString("cursor")
      reader.finish()
    }
    #expect(found == ["unknown key \"cursr\"; did you mean \"cursor\"?", "unknown key \"zone\""])
  }

  @Test("what is required and missing or null is told, and reading goes on with a stand-in")
  func missing() {
    let found = faults(["b": nil]) { reader in
      #expect(reader.string("a") == "")
      #expect(reader.bool("b") == false)
      #expect(reader.int("c", in: 3...9) == 3)
      #expect(reader.choice("d", of: Policy.self) == .keepFirst)
      #expect(reader.strings("e") == [])
      #expect(reader.objects("f").isEmpty)
      #expect(reader.value("g") == nil)
      #expect(reader.object("h").object("i").string("j") == "")
    }
    #expect(
      found == [
        "a: expected a to be a string that is not empty, got nothing",
        "b: expected b to be true or false, got null",
        "c: expected c to be a whole number from 3 to 9, got nothing",
        "d: expected d to be one of \"keep_first\", \"new_version\", \"reject\", got nothing",
        "e: expected e to be a list, got nothing",
        "f: expected f to be a list, got nothing",
        "g: expected g to be given, got nothing",
        "h: expected h to be an object, got nothing",
      ])
  }

  @Test("what is optional and missing or null is nil without a fault")
  func optional() {
    let found = faults(["a": nil]) { reader in
      for key in ["a", "b"] {
        #expect(reader.optionalString(key) == nil)
        #expect(reader.optionalInt(key, in: 0...1) == nil)
        #expect(reader.optionalNumber(key, in: 0...1) == nil)
        #expect(reader.optionalBool(key) == nil)
        #expect(reader.optionalChoice(key, of: Policy.self) == nil)
        #expect(reader.optionalList(key) == nil)
        #expect(reader.optionalStrings(key) == nil)
        #expect(reader.optionalObjects(key) == nil)
        #expect(reader.optionalNamedObjects(key).isEmpty)
        #expect(reader.optionalObject(key) == nil)
        #expect(reader.optionalValue(key) == nil)
      }
    }
    #expect(found.isEmpty)
  }

  @Test("what is optional but wrong is a fault")
  func optionalButWrong() {
    let long = String(repeating: "x", count: 100)
    let found = faults([
      "a": .number("1.5"), "b": "x", "c": .number("1.01"), "d": JSONValue(long), "e": [1],
    ]) {
      reader in
      #expect(reader.optionalInt("a", in: 0...Int.max) == nil)
      #expect(reader.optionalBool("b") == nil)
      #expect(reader.optionalNumber("c", in: 0...1) == nil)
      #expect(reader.optionalObject("d") == nil)
      #expect(reader.optionalInt("e", in: Int.min...5) == nil)
    }
    #expect(
      found == [
        "a: expected a to be a whole number of at least 0, got 1.5",
        "b: expected b to be true or false, got \"x\"",
        "c: expected c to be a number from 0 to 1, got 1.01",
        "d: expected d to be an object, got \"\(String(repeating: "x", count: 56))…",
        "e: expected e to be a whole number of at most 5, got a list",
      ])
  }

  @Test("the members of a list carry their index")
  func lists() {
    let value: JSONValue = ["rules": [["when": 1], 7, ["wen": 2]]]
    let found = faults(value) { reader in
      let rules = reader.objects("rules")
      #expect(rules.map(\.path) == ["rules[0]", "rules[1]", "rules[2]"])
      #expect(rules.map { $0.int("when", in: 0...9) } == [1, 0, 0])
    }
    #expect(
      found == [
        "rules[1]: expected rules[1] to be an object, got 7",
        "rules[2].when: expected when to be a whole number from 0 to 9, got nothing",
        "rules[2]: unknown key \"wen\"; did you mean \"when\"?",
      ])
  }

  @Test("a document that is no object is one fault")
  func noObject() {
    let found = faults([1]) { _ = $0.string("a") }
    #expect(found == ["expected the document to be an object, got a list"])
  }

  @Test("a reader tells its own faults as well")
  func ownFaults() {
    let found = faults(["window": ["from": "x"]]) { reader in
      let window = reader.object("window")
      #expect(window.keys == ["from"])
      window.fault("from", "expected from to be before to")
      _ = window.value("from")
    }
    #expect(found == ["window.from: expected from to be before to"])
  }
}

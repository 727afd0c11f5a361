import JSON
import Testing

@Suite struct JSONObjectTests {
  @Test("members keep their order, few or many", arguments: [1, 15, 16, 17, 18, 200])
  func order(_ count: Int) {
    var object = JSONObject()
    for number in 0..<count { object["k\(number)"] = JSONValue(number) }
    #expect(object.count == count)
    #expect(object.members.map(\.key) == (0..<count).map { "k\($0)" })
    for number in 0..<count { #expect(object["k\(number)"] == JSONValue(number)) }
    #expect(object["k\(count)"] == nil)
  }

  @Test("a member can be replaced in its place and removed", arguments: [2, 16, 17, 50])
  func changes(_ count: Int) {
    var object = JSONObject()
    for number in 0..<count { object["k\(number)"] = JSONValue(number) }
    object["k1"] = "new"
    object["k0"] = nil
    object["unknown"] = nil
    #expect(object.count == count - 1)
    #expect(object.members.first?.key == "k1")
    #expect(object["k1"] == "new")
    #expect(object["k0"] == nil)
    #expect(object["k\(count - 1)"] == (count == 2 ? "new" : JSONValue(count - 1)))
  }

  @Test("objects are equal when their members are, in order and byte for byte")
  func equality() {
    #expect(["a": 1, "b": 2] as JSONObject == ["a": 1, "b": 2])
    #expect(["a": 1, "b": 2] as JSONObject != ["b": 2, "a": 1])
    #expect(["é": 1] as JSONObject != ["e\u{301}": 1])
    #expect(["a": "é"] as JSONObject != ["a": "e\u{301}"])
    #expect(["a": .number("1.0")] as JSONObject != ["a": 1])
    #expect(
      Set<JSONValue>([["a": [1, nil]], ["a": [1, nil]], "a", true, false, nil, 1]).count == 6)
  }

  @Test("content is reached by kind, key and path")
  func content() {
    let value: JSONValue = ["a": ["b": [1, "x"]], "t": true, "n": nil, "big": .number("1.5")]
    #expect(value[JSONPath("a.b")]?.array?.first?.int == 1)
    #expect(value[JSONPath("a.b")]?.array?.last?.string == "x")
    #expect(value["t"]?.bool == true)
    #expect(value["n"]?.isNull == true)
    #expect(value["big"]?.numberText == "1.5")
    #expect(value["big"]?.int == nil)
    #expect(value["a"]?.object?.count == 1)
    #expect(value[JSONPath("a.x.y")] == nil)
    #expect(value[JSONPath("")] == value)
    #expect(value.string == nil && value.array == nil && value.bool == nil && value.int == nil)
  }
}

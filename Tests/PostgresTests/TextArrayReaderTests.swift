import Testing

@testable import Postgres

@Suite struct TextArrayReaderTests {
  private func read(_ text: String) throws -> [String?] {
    let elements = try Array(text.utf8).withUnsafeBytes { bytes in
      var reader = TextArrayReader(bytes)
      return try reader.elements()
    }
    return elements.map { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  @Test(
    "elements are told apart, quoted or not, and NULL from the word",
    arguments: [
      ("{}", []), ("{1,2}", ["1", "2"]), ("{NULL,\"NULL\",null}", [nil, "NULL", "null"]),
      (#"{"a,b","\"","\\",""}"#, ["a,b", "\"", "\\", ""]), ("[0:1]={a,b}", ["a", "b"]),
    ] as [(String, [String?])])
  func elements(text: String, elements: [String?]) throws {
    #expect(try read(text) == elements)
  }

  @Test(
    "what is no array of one dimension is refused",
    arguments: ["", "{", "}", "{1", "{1,", "{\"a", "{\"a\\", "{{1}}", "{1}x", "1,2", "{\"a\"b}"])
  func malformed(text: String) {
    #expect(throws: FieldFault.malformed) { try read(text) }
  }
}

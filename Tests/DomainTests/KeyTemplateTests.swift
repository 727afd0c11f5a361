import Domain
import JSON
import Testing

@Suite struct KeyTemplateTests {
  @Test(
    "a template is text and fields in turn",
    arguments: [
      ("stripe:charge:{id}", ["stripe:charge:", ""], ["id"]),
      ("{data.object.id}", ["", ""], ["data.object.id"]),
      ("shop:{order_id}:{sku}!", ["shop:", ":", "!"], ["order_id", "sku"]),
      ("{{{id}}}", ["{", "}"], ["id"]), ("a{{b}}c:{id}", ["a{b}c:", ""], ["id"]),
      ("é:{Straße}", ["é:", ""], ["Straße"]), ("{invoice.line}", ["", ""], ["invoice.line"]),
    ])
  func reads(text: String, texts: [String], fields: [String]) throws {
    let template = try KeyTemplate(text)
    #expect(template.texts == texts)
    #expect(template.fields == fields.map { JSONPath($0) })
    #expect(template.description == text)
  }

  @Test(
    "a template that cannot identify a record is refused",
    arguments: [
      ("", InputFault.KeyProblem.empty), ("orders", .noField), ("orders:{{id}}", .noField),
      ("{id", .unclosedBrace), ("{id:{b}", .unclosedBrace), ("id}", .unopenedBrace),
      ("{id}}", .unopenedBrace),
      ("{}", .badField("")), ("{a..b}", .badField("a..b")), ("{.a}", .badField(".a")),
      ("{a b}", .badField("a b")),
      ("{a}{b}", .fieldsTouch("a", "b")), ("{line}", .position("line")),
      ("{id}:{position}", .position("position")),
      ("{offset}", .position("offset")), ("{page}", .position("page")),
      ("{index}", .position("index")),
      ("{row}", .position("row")), ("{Now}", .position("Now")),
      ("{id}:{updated_at}", .time("updated_at")),
      ("a\u{0}:{id}", .controlCharacter), ("a\n{id}", .controlCharacter),
      (String(repeating: "a", count: 253) + "{id}", .tooLong(limit: 256)),
      (String(repeating: "{a}:", count: 17), .tooManyFields(limit: 16)),
    ])
  func refuses(text: String, problem: InputFault.KeyProblem) {
    #expect(throws: InputFault.badKey(text, problem)) {
      try KeyTemplate(text, changing: [JSONPath("updated_at"), JSONPath("meta.created")])
    }
  }

  @Test("the refusal says what to write")
  func words() {
    let fault = #expect(throws: InputFault.self) { try KeyTemplate("shop:{line}") }
    #expect(
      fault?.description
        == "The key \"shop:{line}\" cannot be used: {line} says where or when a record was read, which is another each time."
    )
  }

  @Test("any text is either refused or written back as it was", arguments: Seeded.seeds(1))
  func roundTrips(seed: UInt64) {
    var generator = Seeded(seed)
    var taken = 0
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...12, using: &generator)
      let text = (0..<length).map { _ in
        generator.pick(["{", "}", "{", "}", "a", "b", ".", ":", "é"])
      }.joined()
      guard let template = try? KeyTemplate(text) else { continue }
      taken += 1
      #expect(template.description == text, "seed \(seed)")
      #expect(template.texts.count == template.fields.count + 1, "seed \(seed)")
    }
    #expect(taken > 100, "seed \(seed)")
  }
}

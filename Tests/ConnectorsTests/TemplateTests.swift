import Testing

@testable import Connectors

struct TemplateTests {
  @Test("fields are filled in, encoded where that is asked for, and the text stays as it is")
  func filling() throws {
    let template = try Template("a&b {window.from}..{window.to}")
    let values: [Template.Field: String] = [.windowFrom: "1 2", .windowTo: "3"]
    #expect(template.filled(with: values) == "a&b 1 2..3")
    #expect(template.filled(with: values, encoding: { "<\($0)>" }) == "a&b <1 2>..<3>")
    #expect(template.fields == [.windowFrom, .windowTo])
  }

  @Test("a template without a value for each field has none itself")
  func missing() throws {
    #expect(try Template("x{cursor}").filled(with: [:]) == nil)
    #expect(try Template("").filled(with: [:]) == "")
  }

  @Test("a value is never read as a template")
  func nested() throws {
    let values: [Template.Field: String] = [.cursor: "{window.from}", .windowFrom: "1"]
    #expect(try Template("{cursor}").filled(with: values) == "{window.from}")
  }

  @Test("braces that are meant as text are written twice")
  func braces() throws {
    #expect(try Template("{{a}} {page_size}}}").filled(with: [.pageSize: "9"]) == "{a} 9}")
  }

  @Test(
    "what is no template is refused",
    arguments: [
      ("{window.from", Template.Fault.unclosed), ("a}", .unopened), ("{}", .unknownField("")),
      ("{window.form}", .unknownField("window.form")), ("{ cursor }", .unknownField(" cursor ")),
      ("{a{b}", .unknownField("a{b")),
    ])
  func faults(text: String, fault: Template.Fault) {
    #expect(throws: fault) { try Template(text) }
  }

  @Test("an unknown field is told with the one that was meant")
  func nearest() {
    let fault = Template.Fault.unknownField("window.form")
    #expect(fault.sentence == "unknown field {window.form}; did you mean {window.from}?")
  }
}

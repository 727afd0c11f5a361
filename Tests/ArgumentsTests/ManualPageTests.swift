import Arguments
import Processes
import Testing

private let groff = Program.find("groff", in: Program.defaultFolders)

@Suite struct ManualPageTests {
  private let page = sampleTable.manualPage(version: "1.2")

  @Test("the page has the sections that a reader expects, in their order")
  func sections() {
    let titles = page.split(separator: "\n").filter { $0.hasPrefix(".SH") }.map { $0.dropFirst(4) }
    #expect(
      titles == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXAMPLES", "EXIT STATUS",
        "ENVIRONMENT",
      ])
    #expect(page.hasPrefix(".TH TOOL 1 \"\" \"tool 1.2\"\n"))
    #expect(page.contains("\ntool \\- Moves windows of history\n"))
  }

  @Test("every command that does something is there, and no hidden one")
  func commands() {
    let titles = page.split(separator: "\n").filter { $0.hasPrefix(".SS") }.map { $0.dropFirst(4) }
    #expect(titles == ["submit", "apply", "show", "completion", "tokens create", "tokens list"])
  }

  @Test("dashes, backslashes and dots at the beginning survive")
  func escapes() {
    let table = CommandSpec("tool", "A tool.", discussion: ".dotted a\\b --c 'd'")
    let text = table.manualPage(version: "1")
    #expect(text.contains("\n\\&.dotted a\\eb \\-\\-c 'd'\n"))
  }

  @Test("groff has nothing to say against it", .enabled(if: groff != nil, "groff is not installed"))
  func clean() async throws {
    var command = Command("groff", ["-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbou"])
    command.input = .bytes(Array(page.utf8))
    let result = try await command.run()
    #expect(result.errors.text == "")
    #expect(result.status.isSuccess)
    #expect(result.output.text.contains("tool submit shop.orders --last 30d"))
  }
}

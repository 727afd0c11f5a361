import Domain
import Foundation
import Testing

@Suite("The README")
struct ReadmeTests {
  @Test("shows the states as the tables of legal steps have them")
  func diagrams() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    #expect(text.contains("```mermaid\n\(StateDiagram.partition)```"))
    #expect(text.contains("```mermaid\n\(StateDiagram.backfill)```"))
  }
}

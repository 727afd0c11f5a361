import DatabaseFixtures
import Foundation
import Postgres
import Testing

@testable import Stores

@Suite("The statements")
struct StatementTests {
  @Test("each fits the migrated schema")
  func prepare() async throws {
    try await Database.with { database in
      try await database.withConnection { connection in
        for statement in PreparedStatement.all {
          do {
            try await statement.prepare(connection)
          } catch {
            Issue.record("\(statement.name): \(error)")
          }
        }
      }
    }
  }

  @Test("none of the sources is forgotten here, and no two have one name")
  func complete() throws {
    let listed = PreparedStatement.all.map(\.name)
    #expect(Set(listed).count == listed.count)
    #expect(try Self.namesInSources().sorted() == listed.sorted())
  }

  /// The names of all statements of the room, from its sources: the first literal after each
  /// mention of the type with its arguments.
  private static func namesInSources() throws -> [String] {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let folder = "\(root)/Sources/Stores"
    var names: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for part in text.components(separatedBy: "Statement<").dropFirst() {
        let literal = part.components(separatedBy: "\"")
        names.append(
          try #require(literal.count > 1 ? literal[1] : nil, "\(file): \(part.prefix(60))"))
      }
    }
    return names
  }
}

/// A statement of any type, to be planned on a schema.
struct PreparedStatement {
  let name: String
  let prepare: (Connection) async throws -> Void

  init<Input, Row>(_ statement: Statement<Input, Row>) {
    name = statement.name
    prepare = { connection in try await connection.prepare(statement) }
  }
}

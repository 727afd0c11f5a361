import DatabaseFixtures
import Foundation
import Testing

@Suite("The schema")
struct SchemaTests {
  /// After a wanted change, `BACKFILL_WRITE_SCHEMA=1 swift test --filter SchemaTests` writes it.
  @Test("is the one that is kept beside this test")
  func isKept() async throws {
    let schema = try await Database.with { database in
      try await database.withConnection { try await Schema.read(from: $0) }
    }
    if ProcessInfo.processInfo.environment["BACKFILL_WRITE_SCHEMA"] != nil {
      try schema.write(toFile: Schema.file, atomically: true, encoding: .utf8)
    }
    let kept = try String(contentsOfFile: Schema.file, encoding: .utf8)
    let difference = schema.split(separator: "\n").difference(from: kept.split(separator: "\n"))
    let lines = difference.prefix(10).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
    #expect(schema == kept, "\(lines.joined(separator: "\n"))")
  }
}

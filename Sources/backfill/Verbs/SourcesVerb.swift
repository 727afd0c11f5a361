import Arguments
import Domain
import JSON
import Stores

/// `backfill sources`: what was applied, by source.
struct SourcesVerb: Verb {
  static let spec = CommandSpec(
    "sources", "List the sources.", options: [.json],
    examples: [.init("backfill sources", "Which sources there are, and which ask for patience")])

  private let json: Bool

  init(_ invocation: Invocation) {
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let rows = try await program.withDatabase { database in
      try await CatalogStore(pool: database.pool).listSources()
    }
    let output = program.world.output
    guard !json else {
      for row in rows { try output.write(try row.document) }
      return .done
    }
    var table = TextTable(
      "NAME", "CONNECTOR", .numbers("STREAMS"), "AT ONCE", "LIMITS", "APPLIED (UTC)", "STATE")
    for row in rows {
      let definition = try SourceDefinition(json: try JSONValue.parse(row.definition))
      let held = row.heldUntil.map {
        "waiting until \(Wording.second($0)): \(row.heldReason ?? "")"
      }
      table.add(
        row.name, definition.connector, String(row.streams),
        row.concurrency.map { "at most \($0)" } ?? "no cap",
        definition.budget.isEmpty
          ? "none" : definition.budget.map(Wording.limit).joined(separator: "; "),
        Wording.second(row.appliedAt),
        held ?? "free")
    }
    try output.write(table, orElse: "There are no sources; see: backfill apply --help")
    return .done
  }
}

extension SourceRow {
  /// One line of `sources --json`.
  fileprivate var document: JSONValue {
    get throws {
      [
        "name": .string(name), "streams": JSONValue(streams),
        "concurrency": .number(concurrency), "held_until": .instant(heldUntil),
        "held_reason": heldUntil == nil ? .null : JSONValue(heldReason),
        "applied_at": .instant(appliedAt), "definition": try JSONValue.parse(definition),
      ]
    }
  }
}

import Arguments
import Domain
import JSON
import Stores

/// `backfill streams`: what can be backfilled.
struct StreamsVerb: Verb {
  static let spec = CommandSpec(
    "streams", "List the streams that can be backfilled.", options: [.json],
    examples: [.init("backfill streams", "What can be backfilled")])

  private let json: Bool

  init(_ invocation: Invocation) {
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let rows = try await program.withDatabase { database in
      try await CatalogStore(pool: database.pool).listStreams()
    }
    let output = program.world.output
    var table = TextTable("NAME", "KEY", "EVENT TIME", "POLICY", "STEP", "ZONE", "TAGS")
    for row in rows {
      let json = try JSONValue.parse(row.definition)
      if self.json {
        try output.write([
          "name": .string(row.name), "source": .string(row.sourceName),
          "applied_at": .instant(row.appliedAt), "definition": json,
        ])
        continue
      }
      let stream = try StreamDefinition(json: json)
      table.add(
        stream.name, stream.key.description, stream.eventTime.path.description,
        stream.policy.rawValue, stream.step.description, stream.timeZone,
        stream.tags.joined(separator: ", "))
    }
    if !json {
      try output.write(table, orElse: "There are no streams; see: backfill apply --help")
    }
    return .done
  }
}

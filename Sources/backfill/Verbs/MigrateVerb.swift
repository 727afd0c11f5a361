import Arguments
import Domain
import JSON
import Migrations
import Postgres

/// `backfill migrate`: brings the schema to what this program needs.
struct MigrateVerb: Verb {
  static let spec = CommandSpec(
    "migrate", "Bring the schema to what this program needs.",
    discussion: """
      The private PostgreSQL is migrated by itself; other databases only by this command. Every \
      migration is one transaction, and processes that migrate at once wait for each other.
      """,
    options: [OptionSpec("status", .flag, "Only show what is applied and what is not."), .json],
    examples: [
      .init("backfill --database postgresql://etl@db/etl migrate", "Prepare a database"),
      .init("backfill migrate --status", "See whether schema and program fit"),
    ])

  private let isOnlyStatus: Bool
  private let json: Bool

  init(_ invocation: Invocation) {
    isOnlyStatus = invocation.has("status")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase(schema: .any) { database in
      try await database.pool.withConnection { connection in
        let migrator = Migrator()
        let done = isOnlyStatus ? [] : try await migrator.migrate(on: connection)
        return try tell(try await migrator.status(on: connection), done, program.world.output)
      }
    }
  }

  private func tell(
    _ status: Migrator.Status, _ done: [Migration], _ output: Channel
  ) throws -> ExitCode {
    if json {
      try output.write(document(status, done))
    } else {
      for migration in done { try output.line("Applied \(migration.version) \(migration.name).") }
      if isOnlyStatus {
        for applied in status.applied {
          try output.line("\(applied.version)  applied  \(applied.name)")
        }
        for pending in status.pending {
          try output.line("\(pending.version)  pending  \(pending.name)")
        }
      }
      if status.mismatch == nil {
        try output.line(
          "The schema is at version \(status.applied.last?.version ?? 0) and fits this program.")
      }
    }
    if let mismatch = status.mismatch { throw Failure(.schemaMismatch, mismatch.message) }
    return .done
  }

  private func document(_ status: Migrator.Status, _ done: [Migration]) -> JSONValue {
    [
      "version": .number(status.applied.last?.version), "known": JSONValue(status.known),
      "fits": JSONValue(status.mismatch == nil),
      "applied_now": .array(done.map { JSONValue($0.version) }),
      "applied": .array(
        status.applied.map {
          ["version": JSONValue($0.version), "name": .string($0.name)]
        }),
      "pending": .array(
        status.pending.map {
          ["version": JSONValue($0.version), "name": .string($0.name)]
        }),
    ]
  }
}

import Arguments
import Domain
import JSON
import Operations
import Postgres
import Stores

/// `backfill demo`: ninety days of the bundled sample source, with everything that can go wrong.
struct DemoVerb: Verb {
  static let spec = CommandSpec(
    "demo", "Backfill 90 days of a bundled sample source that misbehaves like a real one.",
    discussion: """
      Some days are rate limited, some answers fail, and one day is broken for good: it ends with 89 \
      partitions succeeded and 1 failed, which is as it should be. The source is part of this \
      program and listens on 127.0.0.1 while it is read. Run again, it changes nothing.
      """,
    options: [.json], examples: [.init("backfill demo", "See it work")], isHidden: true)

  private let json: Bool

  init(_ invocation: Invocation) {
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let connections = Program.connections(forConcurrency: Program.waitingConcurrency)
    return try await program.withDatabase(connections: connections) { database in
      let shop = DemoShop(program: program, database: database)
      try await shop.open()
      let submission = Submission(pool: database.pool, now: program.world.now)
      let prepared = try await submission.prepare(
        SubmitRequest(
          stream: DemoShop.stream, window: try WindowRequest(from: nil, to: nil, last: "90d"),
          requestedBy: program.world.user, reason: "the demonstration"))
      let id = try await submission.submit(prepared)
      if !json { try program.world.output.line(PlanWords(prepared).submitted(as: id)) }
      let code = try await program.waitForEnd(of: id, on: database, json: json)
      // One day is broken for good, so that is how it should end.
      return code == .incomplete ? .done : code
    }
  }
}

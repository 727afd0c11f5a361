import Arguments
import Domain
import Stores

/// `backfill watch`: follows a backfill to its end.
struct WatchVerb: Verb {
  static let spec = CommandSpec(
    "watch", "Follow a backfill to its end and tell what became of it.",
    discussion: "The exit code is 0 if every partition succeeded and 3 if not.",
    arguments: [.backfill], options: [.json],
    examples: [.init("backfill watch 12", "Follow a backfill")])

  private let id: BackfillID
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase { database in
      try await program.watch(id, on: database, json: json)
    }
  }
}

import Arguments
import Domain
import Stores

/// `backfill cancel`: ends a backfill now.
struct CancelVerb: Verb {
  static let spec = CommandSpec(
    "cancel", "End a backfill now.",
    discussion: """
      Partitions that have not ended are cancelled, those being worked on at once: no batch of them \
      is committed any more. What was committed stays. A retry lets it go on where it was.
      """,
    arguments: [.backfill], options: [.json],
    examples: [.init("backfill cancel 12", "End a backfill")])

  private let id: BackfillID
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let words = SteeringWords(participle: "cancelled", goal: .cancelled) { id, partitions in
      "Backfill \(id) is cancelled, \(Wording.count(partitions, "partition")) of it; what was "
        + "committed stays."
    }
    return try await program.steer(id, words, json: json) { try await $0.cancelBackfill(id) }
  }
}

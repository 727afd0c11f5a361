import Arguments
import Domain
import Stores

/// `backfill pause`: lets nothing more of a backfill be claimed.
struct PauseVerb: Verb {
  static let spec = CommandSpec(
    "pause", "Let no more partitions of a backfill be claimed.",
    discussion: "What is being worked on commits what it has read and is given back.",
    arguments: [.backfill], options: [.json],
    examples: [.init("backfill pause 12", "Hold a backfill back")])

  private let id: BackfillID
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let words = SteeringWords(participle: "paused", goal: .paused) { id, _ in
      "Backfill \(id) is paused; let it go on with: \(program.commandPrefix) resume \(id)"
    }
    return try await program.steer(id, words, json: json) { try await $0.pauseBackfill(id) }
  }
}

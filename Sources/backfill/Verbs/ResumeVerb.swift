import Arguments
import Domain
import Stores

/// `backfill resume`: lets a paused backfill go on.
struct ResumeVerb: Verb {
  static let spec = CommandSpec(
    "resume", "Let a paused backfill go on where it was.",
    arguments: [.backfill], options: [.json],
    examples: [.init("backfill resume 12", "Let a backfill go on")])

  private let id: BackfillID
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let words = SteeringWords(participle: "resumed", goal: .running) { id, _ in
      "Backfill \(id) goes on; follow it with: \(program.commandPrefix) watch \(id)"
    }
    return try await program.steer(id, words, json: json) { try await $0.resumeBackfill(id) }
  }
}

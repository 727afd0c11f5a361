import Arguments
import Domain
import Stores

/// `backfill set`: changes how a backfill is worked.
struct SetVerb: Verb {
  static let spec = CommandSpec(
    "set", "Change how many partitions of a backfill run at once, or how urgent it is.",
    arguments: [.backfill],
    options: [
      OptionSpec(
        "concurrency", .value("N"), "How many partitions may run at once; none for no cap."),
      OptionSpec("priority", .value("N"), "Higher goes first."),
      .json,
    ],
    examples: [
      .init("backfill set 12 --concurrency 2", "Let it run quietly"),
      .init("backfill set 12 --priority 10", "Put it before the others"),
    ])

  private let id: BackfillID
  private let concurrency: Int32??
  private let priority: Int32?
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    concurrency = try invocation.value(
      "concurrency", expecting: "a whole number from 1 to 100000, or none"
    ) { (text) -> Int32?? in
      if text == "none" { return .some(nil) }
      return Int32(text).flatMap { 1...100_000 ~= $0 ? .some($0) : nil }
    }
    priority = try invocation.integer("priority", in: -1_000...1_000).map { Int32($0) }
    json = invocation.has("json")
    guard concurrency != nil || priority != nil else {
      throw invocation.error(.missing("--concurrency or --priority"))
    }
  }

  func run(in program: Program) async throws -> ExitCode {
    let words = SteeringWords(participle: "changed", goal: nil) { id, _ in
      "Backfill \(id) is changed."
    }
    return try await program.steer(id, words, json: json) {
      try await $0.setBackfill(id, concurrency: concurrency, priority: priority)
    }
  }
}

import Arguments
import Domain
import JSON
import Operations
import Stores

/// `backfill show`: everything about one backfill.
struct ShowVerb: Verb {
  static let spec = CommandSpec(
    "show", "Show a backfill: how it stands, what it changed, what failed and why.",
    arguments: [.backfill], options: [.json],
    examples: [
      .init("backfill show 12", "See what became of a backfill"),
      .init("backfill show 12 --json", "The same for a script"),
    ])

  private let id: BackfillID
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase { database in
      guard let (row, facts) = try await ProgressStore(pool: database.pool).findProgress(of: id)
      else { throw OperationFault.unknownBackfill(id) }
      let store = BackfillStore(pool: database.pool)
      let measures = try await store.sumMeasures(of: id)
      let verifications = VerificationStore(pool: database.pool)
      let verification =
        row.mode == .verify ? id : try await verifications.findVerification(of: id)
      var proof: ProofFacts?
      if let verification { proof = try await verifications.findProof(of: verification) }
      let empty =
        row.mode == .load ? try await verifications.listEmptyPartitions(of: id) : []
      guard !json else {
        var document = row.document
        document["measures"] = .array(measures.map(\.document))
        document["proof"] = proof.map { .object($0.document) } ?? .null
        document["empty"] = .array(
          empty.map { ["window": $0.window.document, "typical": JSONValue($0.typical)] })
        try program.world.output.write(.object(document))
        return .done
      }
      let failed = try await store.listPartitions(of: id, state: .failed, after: 0, limit: 10_000)
      let description = BackfillDescription(
        row: row, facts: facts, measures: measures, failed: failed, proof: proof, empty: empty,
        command: program.commandPrefix, now: program.world.now())
      for line in description.lines { try program.world.output.line(line) }
      if row.mode == .verify {
        try program.world.output.line("")
        try await program.tellProof(of: row, on: database, json: false)
      }
      return .done
    }
  }
}

extension Invocation {
  /// The number of the backfill that the command is about.
  func backfillID() throws(UsageError) -> BackfillID {
    let id = try argument("ID", expecting: "the number of a backfill") { text in
      Int64(text).flatMap { $0 > 0 ? BackfillID(rawValue: $0) : nil }
    }
    guard let id else { throw error(.missing("ID")) }
    return id
  }
}

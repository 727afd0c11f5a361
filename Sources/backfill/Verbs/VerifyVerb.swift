import Arguments
import Domain
import JSON
import Operations
import Stores

/// `backfill verify`: compares what a backfill has loaded with its source.
struct VerifyVerb: Verb {
  static let spec = CommandSpec(
    "verify", "Compare what a backfill has loaded with its source, and say what differs.",
    discussion: """
      The source is asked once more, by other windows and other paging than those of the load: for \
      its own totals where the stream's definition says how (verify.count, verify.sum), else record \
      by record. No document is written. What the source no longer has is marked gone, never \
      deleted. Partitions that are equal are verified until something is written into them again.

      With --repair the partitions in which something is missing or different are read again, and \
      no other, and then verified. On the private PostgreSQL, --wait also does the work.
      """,
    synopsis: ["ID [--wait] [--json]", "ID --show [--json]", "ID --repair [--wait] [--json]"],
    arguments: [.backfill],
    options: [
      OptionSpec("show", .flag, "Show what the last verification came to; verify nothing."),
      OptionSpec("repair", .flag, "Read again what was found to differ, then verify that."),
      OptionSpec("wait", .flag, "Wait for the end; the exit code is 6 where something differs."),
      .json,
    ],
    examples: [
      .init("backfill verify 12 --wait", "Verify a backfill, and see what differs"),
      .init("backfill verify 12 --show", "See the last result again, day by day"),
      .init("backfill verify 12 --repair --wait", "Read again only what differs"),
    ])

  /// What is to be done.
  private enum Order {
    case verify, show, repair
  }

  private let id: BackfillID
  private let order: Order
  private let waits: Bool
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    try invocation.refuseBoth("show", "repair")
    try invocation.refuseBoth("show", "wait")
    order = invocation.has("show") ? .show : invocation.has("repair") ? .repair : .verify
    waits = invocation.has("wait")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let connections =
      waits ? Program.connections(forConcurrency: Program.waitingConcurrency) : 2
    return try await program.withDatabase(connections: connections) { database in
      let verification = Verification(pool: database.pool, now: program.world.now)
      switch order {
      case .show: return try await program.showProof(of: id, on: database, json: json)
      case .verify:
        let made = try await verification.submit(id, requestedBy: program.world.user)
        return try await go(on: made, "Verification \(made) was submitted.", program, database)
      case .repair:
        guard let made = try await verification.repair(id, requestedBy: program.world.user) else {
          if !json {
            try program.world.output.line(
              "Nothing that differs would be mended by reading it again.")
          }
          return .done
        }
        return try await go(
          on: made, "Backfill \(made) reads again what differs, and is then verified.", program,
          database)
      }
    }
  }

  private func go(
    on made: BackfillID, _ sentence: String, _ program: Program, _ database: Database
  ) async throws -> ExitCode {
    if !json { try program.world.output.line(sentence) }
    guard waits else {
      if json { try program.world.output.write(["id": JSONValue(made.rawValue)]) }
      try await program.remarkWithoutWorkers(on: database, about: made)
      return .done
    }
    return try await program.waitForEndAndProof(of: made, on: database, json: json)
  }
}

extension Program {
  /// Waits for the end of a backfill and, where it is verified by itself, of its verification.
  func waitForEndAndProof(
    of id: BackfillID, on database: Database, json: Bool
  ) async throws -> ExitCode {
    let code = try await waitForEnd(of: id, on: database, json: json)
    guard let row = try await BackfillStore(pool: database.pool).findBackfill(id),
      row.mode == .load, row.verifyBy != nil, row.state.isTerminal,
      let verification = try await VerificationStore(pool: database.pool).findVerification(of: id)
    else { return code }
    let proof = try await waitForEnd(of: verification, on: database, json: json)
    return code == .done ? proof : code
  }

  /// Shows what the last verification of a backfill came to.
  func showProof(of id: BackfillID, on database: Database, json: Bool) async throws -> ExitCode {
    let backfills = BackfillStore(pool: database.pool)
    let store = VerificationStore(pool: database.pool)
    guard let named = try await backfills.findBackfill(id) else {
      throw OperationFault.unknownBackfill(id)
    }
    let found =
      named.mode == .verify ? named.id : try await store.findVerification(of: named.id)
    guard let found, let row = try await backfills.findBackfill(found) else {
      throw OperationFault.notVerified(id)
    }
    try await tellProof(of: row, on: database, json: json, isWhole: true)
    let proof = try await store.findProof(of: found)
    return proof?.isEqual == false ? .different : .done
  }

  /// Tells what a verification came to.
  func tellProof(
    of row: BackfillRow, on database: Database, json: Bool, isWhole: Bool = false
  ) async throws {
    let store = VerificationStore(pool: database.pool)
    let proof = try await store.findProof(of: row.id)
    let differences = try await store.listDifferences(
      of: row.id, after: "", limit: isWhole ? 10_000 : ProofWords.mostNamed)
    let sums = try await store.listSums(of: row.id)
    if json {
      var document = row.document
      document["proof"] = proof.map { .object($0.document) } ?? .null
      document["sums"] = .array(sums.map(\.document))
      document["differences"] = .array(differences.map(\.document))
      return try world.output.write(.object(document))
    }
    let words = ProofWords(
      row: row, proof: proof, differences: differences, sums: sums, isWhole: isWhole,
      command: commandPrefix)
    for line in words.lines { try world.output.line(line) }
  }
}

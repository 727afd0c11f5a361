import Arguments
import Domain
import Glibc
import JSON
import Migrations
import Operations
import Postgres
import Stores

/// `backfill doctor`: looks for what is wrong, and says what to do about it.
struct DoctorVerb: Verb {
  static let spec = CommandSpec(
    "doctor", "Look for what is wrong with database, workers, backfills and sources.",
    discussion: """
      Every finding is one sentence that says what to do. The exit code is 0 if there is no problem \
      and 1 if there is one. Nothing is changed, and no source is asked for anything.
      """,
    options: [.json], examples: [.init("backfill doctor", "See whether all is well")])

  private let json: Bool

  init(_ invocation: Invocation) {
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase(schema: .any) { database in
      let schema = try await schema(of: database)
      guard schema.level != .problem else {
        try tell([schema], program.world.output)
        return .schemaMismatch
      }
      let findings =
        [schema] + (try await serverFindings(database))
        + (try await fleetFindings(program, database))
        + (try await sourceFindings(program, database))
        + (try await streamFindings(program, database))
        + (try await subscriptionFindings(program, database)) + disk(program, database)
      try tell(findings, program.world.output)
      return findings.contains { $0.level == .problem } ? .failed : .done
    }
  }

  private func schema(of database: Database) async throws -> Finding {
    try await database.pool.withConnection { connection in
      let migrator = Migrator()
      // The private cluster has the schema that this program needs from the first command on.
      if database.cluster != nil { _ = try await migrator.migrate(on: connection) }
      let status = try await migrator.status(on: connection)
      if let mismatch = status.mismatch { return Finding("schema", .problem, mismatch.message) }
      let version = status.applied.last?.version ?? 0
      return version > status.known
        ? Finding(
          "schema", .warning,
          "The schema is at version \(version), newer than the \(status.known) that this program "
            + "knows; they fit, but use the newer backfill here too.")
        : Finding("schema", .ok, "The schema is at version \(version) and fits this program.")
    }
  }

  private func serverFindings(_ database: Database) async throws -> [Finding] {
    let store = DiagnosisStore(pool: database.pool)
    return ServerDiagnosis.findings(
      try await store.findServer(), oldest: try await store.findOldestTransaction(),
      tables: try await store.listTables(), workersAlive: try await workersAlive(database))
  }

  private func workersAlive(_ database: Database) async throws -> Int {
    try await WorkerStore(pool: database.pool)
      .listWorkers(heardWithin: WorkersVerb.aliveSeconds).count
  }

  private func fleetFindings(
    _ program: Program, _ database: Database
  ) async throws -> [Finding] {
    let progress = ProgressStore(pool: database.pool)
    var unfinished: [(row: BackfillRow, facts: ProgressFacts)] = []
    for state in BackfillState.allCases where !state.isTerminal {
      let rows = try await BackfillStore(pool: database.pool)
        .listBackfills(BackfillFilter(state: state))
      for row in rows {
        if let found = try await progress.findProgress(of: row.id) { unfinished.append(found) }
      }
    }
    return FleetDiagnosis.findings(
      workersAlive: try await workersAlive(database), unfinished: unfinished,
      at: program.world.now())
  }

  private func sourceFindings(
    _ program: Program, _ database: Database
  ) async throws -> [Finding] {
    SourceDiagnosis.findings(
      try await CatalogStore(pool: database.pool).listSources(), at: program.world.now())
  }

  private func subscriptionFindings(
    _ program: Program, _ database: Database
  ) async throws -> [Finding] {
    SubscriptionDiagnosis.findings(
      try await SubscriptionStore(pool: database.pool).listSubscriptions(),
      courier: try program.courier())
  }

  private func streamFindings(
    _ program: Program, _ database: Database
  ) async throws -> [Finding] {
    await StreamDiagnosis.findings(
      try await CatalogStore(pool: database.pool).listStreams(),
      connectors: try program.connectorFactory())
  }

  /// The disk of a server elsewhere is not ours to see.
  private func disk(_ program: Program, _ database: Database) -> [Finding] {
    var space = statvfs()
    guard database.cluster != nil, statvfs(program.world.home, &space) == 0 else { return [] }
    let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
    let whole = UInt64(space.f_blocks) * UInt64(space.f_frsize)
    let words = "\(Wording.number(free >> 20)) MiB of the disk under \(program.world.home) are free"
    guard free < 1 << 30 || free < whole / 20 else { return [Finding("disk", .ok, words + ".")] }
    return [
      Finding(
        "disk", .warning, "\(words); make room, for PostgreSQL stops where it cannot write.")
    ]
  }

  private func tell(_ findings: [Finding], _ output: Channel) throws(Channel.Closed) {
    for finding in findings {
      guard !json else {
        try output.write([
          "check": .string(finding.check), "level": .string(finding.level.rawValue),
          "message": .string(finding.message),
        ])
        continue
      }
      try output.line("\(mark(finding.level, output.hasColours))  \(finding.message)")
    }
  }

  private func mark(_ level: Finding.Level, _ hasColours: Bool) -> String {
    let (word, colour) =
      switch level {
      case .ok: ("ok     ", "32")
      case .warning: ("warning", "33")
      case .problem: ("problem", "31")
      }
    return hasColours ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word
  }
}

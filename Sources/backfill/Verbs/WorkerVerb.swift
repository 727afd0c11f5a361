import Arguments
import Domain
import Operations

/// `backfill worker`: works on whatever is submitted, until it is told to stop.
struct WorkerVerb: Verb {
  static let spec = CommandSpec(
    "worker", "Work on whatever is submitted, until told to stop.",
    discussion: """
      Start as many as you like, on as many machines. SIGTERM or Ctrl-C lets it commit what it has \
      read and give its partitions back; a second one stops it at once. Either way nothing is lost \
      and nothing is written twice. While the database is away it waits.
      """,
    options: [
      OptionSpec("concurrency", .value("N"), "How many partitions at once.", standard: "8"),
      OptionSpec(
        "lease", .value("SECONDS"),
        """
        After how long its partitions are claimed again when it dies: shorter is sooner, longer \
        bears a slower network.
        """, standard: "15"),
      OptionSpec(
        "log-format", .value("FORMAT"),
        "How log lines are written to standard error; default text on a terminal, else json.",
        allowed: EventLog.Format.allCases.map(\.rawValue)),
      OptionSpec(
        "log-level", .value("LEVEL"), "The least that is logged.",
        standard: EventLevel.info.rawValue, allowed: EventLevel.allCases.map(\.rawValue)),
    ],
    examples: [.init("backfill worker --concurrency 16", "Work on sixteen partitions at once")])

  private let concurrency: Int
  private let leaseSeconds: Double
  private let format: EventLog.Format?
  private let level: EventLevel

  init(_ invocation: Invocation) throws {
    concurrency = try invocation.integer("concurrency", in: 1...1_000) ?? 8
    leaseSeconds =
      try invocation.integer("lease", in: 1...3_600).map(Double.init)
      ?? Program.leaseSeconds
    format = invocation.text("log-format").flatMap(EventLog.Format.init)
    level = invocation.text("log-level").flatMap(EventLevel.init) ?? .info
  }

  func run(in program: Program) async throws -> ExitCode {
    let errors = program.world.errors
    let log = EventLog(
      errors, format: format ?? (errors.isTerminal ? .text : .json), least: level,
      now: program.world.now)
    return try await program.withDatabase(
      connections: Program.connections(forConcurrency: concurrency)
    ) { database in
      try await program.withFleetMember(
        on: database, concurrency: concurrency, leaseSeconds: leaseSeconds, tell: log.write
      ) { member in
        try await member.runUntilSignalled(on: database)
      }
      return .done
    }
  }
}

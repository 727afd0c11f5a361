import Arguments
import Domain
import JSON
import Stores

/// `backfill workers`: the worker processes.
struct WorkersVerb: Verb {
  /// A worker is taken to be alive for so many seconds after it was last heard of.
  static let aliveSeconds = 20.0

  static let spec = CommandSpec(
    "workers", "List the workers that are alive.",
    options: [
      OptionSpec("all", .flag, "Also those that stopped or died."), .json,
    ],
    examples: [.init("backfill workers", "Who works at the moment")])

  private let isAll: Bool
  private let json: Bool

  init(_ invocation: Invocation) {
    isAll = invocation.has("all")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let rows = try await program.withDatabase { database in
      try await WorkerStore(pool: database.pool)
        .listWorkers(heardWithin: isAll ? nil : Self.aliveSeconds)
    }
    let output = program.world.output
    guard !json else {
      for row in rows { try output.write(row.document) }
      return .done
    }
    var table = TextTable(
      .numbers("ID"), "NAME", "VERSION", "RUNS", "STATE", "STARTED (UTC)")
    for row in rows {
      table.add(
        row.id.rawValue.description, row.name, row.version,
        "\(row.running) of \(row.concurrency)", row.state, Wording.second(row.startedAt))
    }
    try output.write(
      table, orElse: "No worker is alive; start one with: \(program.commandPrefix) worker")
    return .done
  }
}

extension WorkerRow {
  /// Whether it works, stopped by itself, or fell silent.
  fileprivate var state: String {
    if stoppedAt != nil { return "stopped" }
    return silence <= WorkersVerb.aliveSeconds
      ? "alive" : "silent for \(Wording.duration(microseconds: Int64(silence) * 1_000_000))"
  }

  /// One line of `workers --json`.
  fileprivate var document: JSONValue {
    [
      "id": JSONValue(id.rawValue), "name": .string(name), "version": .string(version),
      "concurrency": JSONValue(concurrency), "running": JSONValue(running),
      "alive": JSONValue(stoppedAt == nil && silence <= WorkersVerb.aliveSeconds),
      "started_at": .instant(startedAt), "heartbeat_at": .instant(heartbeatAt),
      "stopped_at": .instant(stoppedAt),
    ]
  }
}

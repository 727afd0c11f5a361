import Arguments
import Connectors
import Domain
import JSON
import Operations
import Stores

/// `backfill submit`: plans a backfill and hands it to the workers.
struct SubmitVerb: Verb {
  static let spec = CommandSpec(
    "submit", "Submit a backfill of a window of a stream.",
    discussion: """
      Dates are wall-clock dates in --time-zone; --to is exclusive, and --last 30d means the last 30 \
      complete days. The window is shown back in words.

      On the private PostgreSQL, --wait also does the work.
      """,
    synopsis: ["STREAM (--from DATE --to DATE | --last SPAN) [options]"],
    arguments: [
      ArgumentSpec("STREAM", "The stream, such as shop.orders.", completion: .names("streams"))
    ],
    options: [
      OptionSpec("from", .value("DATE"), "The first day, or the first instant."),
      OptionSpec("to", .value("DATE"), "The day after the last, or the first instant after."),
      OptionSpec("last", .value("SPAN"), "So many complete units up to now: 30d, 12h, 4w, 3mo."),
      OptionSpec(
        "step", .value("STEP"),
        "The length of a partition: 30min, 6h, 1d, 1w, 1mo; default the stream's, else 1d. With auto, "
          + "neighbours of that length that held few records when they were last read become one."),
      OptionSpec(
        "time-zone", .value("ZONE"), "The zone of the dates; default the stream's, else UTC."),
      OptionSpec(
        "order", .value("ORDER"), "Which partitions come first; strict is one at a time.",
        standard: ClaimOrder.oldest.rawValue, allowed: ClaimOrder.allCases.map(\.rawValue)),
      OptionSpec(
        "only", .value("SET"), "Which partitions are wanted.", standard: Selection.all.rawValue,
        allowed: Selection.allCases.map(\.rawValue)),
      OptionSpec(
        "policy", .value("POLICY"),
        "The answer to a known key with another payload; default the stream's.",
        allowed: Policy.allCases.map(\.rawValue)),
      OptionSpec("concurrency", .value("N"), "How many partitions may run at once."),
      OptionSpec("priority", .value("N"), "Higher goes first.", standard: "0"),
      OptionSpec("reason", .value("TEXT"), "Why, for those who look at it later."),
      OptionSpec("preview", .flag, "Show what would be done, and submit nothing."),
      OptionSpec("wait", .flag, "Wait for the end; the exit code tells how it went."),
      OptionSpec(
        "verify", .flag, "Compare it with the source once it has ended; see backfill verify."),
      .skipCheck, .json,
    ],
    examples: [
      .init(
        "backfill submit shop.orders --from 2026-01-01 --to 2026-04-01 --wait",
        "The first quarter, and wait for it"),
      .init(
        "backfill submit shop.orders --last 90d --only missing",
        "Whatever of the last 90 days was not read yet"),
      .init(
        "backfill submit shop.orders --last 1mo --step 6h --preview", "Look at a plan first"),
    ])

  private let stream: String
  private let window: WindowRequest
  private let step: Step?
  private let joinsThin: Bool
  private let timeZone: String?
  private let order: ClaimOrder
  private let selection: Selection
  private let policy: Policy?
  private let concurrency: Int?
  private let priority: Int
  private let reason: String?
  private let isPreview: Bool
  private let waits: Bool
  private let isVerified: Bool
  private let isChecked: Bool
  private let json: Bool

  init(_ invocation: Invocation) throws {
    stream = try invocation.requiredArgument("STREAM")
    window = try WindowRequest(
      from: invocation.text("from"), to: invocation.text("to"), last: invocation.text("last"))
    let stepText = invocation.text("step")
    joinsThin = stepText == Step.varying
    step =
      joinsThin ? nil : try stepText.map { text throws(InputFault) in try Step(text) }
    timeZone = try invocation.text("time-zone").map { name throws(InputFault) in
      try Zone(name).name
    }
    order = invocation.text("order").flatMap(ClaimOrder.init) ?? .oldest
    selection = invocation.text("only").flatMap(Selection.init) ?? .all
    policy = invocation.text("policy").flatMap(Policy.init)
    concurrency = try invocation.integer("concurrency", in: 1...100_000)
    priority = try invocation.integer("priority", in: -1_000...1_000) ?? 0
    reason = invocation.text("reason")
    isPreview = invocation.has("preview")
    waits = invocation.has("wait")
    isVerified = invocation.has("verify")
    isChecked = !invocation.has("skip-check")
    json = invocation.has("json")
    try invocation.refuseBoth("preview", "wait")
  }

  func run(in program: Program) async throws -> ExitCode {
    let connections =
      waits ? Program.connections(forConcurrency: Program.waitingConcurrency) : 2
    return try await program.withDatabase(connections: connections) { database in
      let submission = Submission(pool: database.pool, now: program.world.now)
      let prepared = try await submission.prepare(request(by: program.world.user))
      if isChecked { try await check(prepared, program) }
      if !isPreview {
        for warning in prepared.warnings {
          program.world.errors.remark("\(Program.name): warning: \(warning)")
        }
      }
      if isPreview { return try preview(prepared, program.world.output) }
      let id = try await submission.submit(prepared)
      if !json { try program.world.output.line(PlanWords(prepared).submitted(as: id)) }
      guard waits else { return try await leave(id, program, database) }
      return try await program.waitForEndAndProof(of: id, on: database, json: json)
    }
  }

  private func request(by user: String) -> SubmitRequest {
    SubmitRequest(
      stream: stream, window: window, step: step, joinsThin: joinsThin, timeZone: timeZone,
      order: order, selection: selection, policy: policy, concurrency: concurrency,
      priority: priority, requestedBy: user, reason: reason, isVerified: isVerified)
  }

  /// A secret that is not there or a file that is not what it claims would fail every partition.
  private func check(_ prepared: NewBackfill, _ program: Program) async throws {
    let definition = try BackfillDefinition(json: try JSONValue.parse(prepared.definition))
    let connector = try program.connectorFactory().connector(
      for: definition.stream, of: definition.source)
    try await connector.check()
  }

  private func preview(_ prepared: NewBackfill, _ output: Channel) throws -> ExitCode {
    let words = PlanWords(prepared)
    if json {
      try output.write(words.document)
    } else {
      for line in words.preview { try output.line(line) }
    }
    return .done
  }

  private func leave(
    _ id: BackfillID, _ program: Program, _ database: Database
  ) async throws -> ExitCode {
    guard let row = try await BackfillStore(pool: database.pool).findBackfill(id) else {
      throw OperationFault.unknownBackfill(id)
    }
    if json { try program.world.output.write(.object(row.document)) }
    try await program.remarkWithoutWorkers(on: database, about: id)
    if !json {
      try program.world.output.line("Follow it with: \(program.commandPrefix) watch \(id)")
    }
    return .done
  }
}

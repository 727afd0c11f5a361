import Connectors
public import Domain
import JSON
public import Postgres
public import Stores

/// What somebody asks to be backfilled.
public struct SubmitRequest: Sendable {
  /// The stream's full name.
  public var stream: String
  /// The window, as it was written.
  public var window: WindowRequest
  /// The length of a partition; nil for the stream's.
  public var step: Step?
  /// Whether neighbours that held few records when they were last read become one partition.
  public var joinsThin: Bool
  /// The zone of the dates; nil for the stream's.
  public var timeZone: String?
  /// In which order partitions are claimed.
  public var order: ClaimOrder
  /// Which partitions are wanted.
  public var selection: Selection
  /// The answer to a key seen before; nil for the stream's.
  public var policy: Policy?
  /// How many partitions may run at once; nil for no cap.
  public var concurrency: Int?
  /// Higher goes first.
  public var priority: Int
  /// Who asks.
  public var requestedBy: String
  /// Why.
  public var reason: String?
  /// Whether it is verified when it ends.
  public var isVerified: Bool

  /// A request for a window of a stream.
  public init(
    stream: String, window: WindowRequest, step: Step? = nil, joinsThin: Bool = false,
    timeZone: String? = nil,
    order: ClaimOrder = .oldest, selection: Selection = .all, policy: Policy? = nil,
    concurrency: Int? = nil, priority: Int = 0, requestedBy: String, reason: String? = nil,
    isVerified: Bool = false
  ) {
    self.stream = stream
    self.window = window
    self.step = step
    self.joinsThin = joinsThin
    self.timeZone = timeZone
    self.order = order
    self.selection = selection
    self.policy = policy
    self.concurrency = concurrency
    self.priority = priority
    self.requestedBy = requestedBy
    self.reason = reason
    self.isVerified = isVerified
  }
}

/// Plans and submits backfills.
public struct Submission: Sendable {
  private let catalog: CatalogStore
  private let store: SubmitStore
  private let now: @Sendable () -> Instant

  /// Submission to the store behind a pool.
  public init(pool: Pool, now: @escaping @Sendable () -> Instant) {
    catalog = CatalogStore(pool: pool)
    store = SubmitStore(pool: pool)
    self.now = now
  }

  /// What a submit would do; nothing is written.
  public func prepare(_ request: SubmitRequest) async throws -> NewBackfill {
    guard let row = try await catalog.findStream(request.stream) else {
      let names = try await catalog.listStreams().map(\.name)
      throw OperationFault.unknownStream(request.stream, known: names)
    }
    let definition = try BackfillDefinition(row)
    let zoneName = request.timeZone ?? definition.stream.timeZone
    let zone = try Zone(zoneName)
    let now = now()
    let window = try request.window.window(
      in: zone, zoneIsGiven: request.timeZone != nil || zoneName != Zone.utc.name, now: now)
    let step = request.step ?? definition.stream.step
    let horizon = ConnectorFactory.horizon(of: definition.stream, definition.source)
    let plan = try await plan(
      request, stream: row, window: window, step: step, zone: zone,
      inOnePass: ConnectorFactory.readsInOnePass(definition.stream, of: definition.source),
      horizon: horizon, now: now)
    let warnings = horizon.warnings(
      for: window, partitions: plan.partitions.count, in: zone, now: now)
    return NewBackfill(
      stream: row, definition: definition.json.encoded(), tags: definition.stream.tags,
      window: window, step: request.joinsThin ? Step.varying : step.description,
      timeZone: zoneName, order: request.order,
      selection: request.selection, policy: request.policy ?? definition.stream.policy,
      concurrency: request.concurrency.map { Int32(clamping: $0) },
      priority: Int32(clamping: request.priority), requestedBy: request.requestedBy,
      reason: request.reason, plan: plan, submittedAt: now, warnings: warnings,
      verifyBy: request.isVerified ? definition.verifyBy : nil)
  }

  /// Submits what was prepared; it can be claimed once this returns.
  public func submit(_ prepared: NewBackfill) async throws(PostgresError) -> BackfillID {
    try await store.submitBackfill(prepared)
  }

  private func plan(
    _ request: SubmitRequest, stream: StreamRow, window: Window, step: Step, zone: Zone,
    inOnePass: Bool, horizon: SourceHorizon, now: Instant
  ) async throws -> Plan {
    var covered: [Coverage] = []
    var failed: [Coverage] = []
    switch request.selection {
    case .all: break
    case .missing:
      covered = try await store.findCoverage(stream: stream.id, window: window)
    case .failed:
      failed = try await store.findFailures(stream: stream.id, window: window)
    }
    let loads =
      request.joinsThin ? try await store.findLoads(stream: stream.id, window: window) : nil
    return try Plan.make(
      window, step: step, zone: zone, order: request.order, only: request.selection,
      covered: covered, failed: failed, loads: loads, inOnePass: inOnePass, horizon: horizon,
      now: now)
  }
}

extension BackfillDefinition {
  /// The definition that a backfill of a stream would run with if it were submitted now.
  init(_ row: StreamRow) throws {
    let stream = try StreamDefinition(json: try JSONValue.parse(row.definition))
    let source = try SourceDefinition(json: try JSONValue.parse(row.sourceDefinition))
    self.init(source: source, stream: stream)
  }

  /// How many partitions of the stream are verified together.
  var verifyBy: Int32 {
    let plan = VerificationPlan(stream, connector: source.connector)
    return Int32(clamping: plan.partitionsTogether)
  }
}

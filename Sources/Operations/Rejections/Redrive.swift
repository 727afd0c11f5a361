public import Domain
public import Postgres
import Stores

/// Takes rejected records again, under the present definitions of their streams.
///
/// Each is judged as when it was read, and what can be taken now is stored by the rules of every
/// batch, as a backfill of its own that shows in the list. What is still refused stays as it is. A
/// rejection is closed in the transaction that stores its record: whoever redrives a second time, or
/// at the same time, finds it closed.
public struct Redrive: Sendable {
  /// So many rejections are taken together, at most.
  private static let pageSize = 1_000

  /// What became of rejected records.
  public struct Result: Sendable {
    /// What became of those that could be taken.
    public var records = OutcomeCounts()
    /// The backfills that took them.
    public var backfills: [BackfillID] = []
    /// How many are still refused.
    public var refused = 0
    /// Streams that are no longer there, whose rejections cannot be judged.
    public var missing: Set<String> = []
  }

  private let store: RejectionStore
  private let catalog: CatalogStore
  private let sequencer: Sequencer
  private let worker: String
  private let version: String

  /// A redrive by a process of a name and a version.
  public init(
    pool: Pool, worker: String, version: String, tell: @escaping @Sendable (Event) -> Void
  ) {
    store = RejectionStore(pool: pool)
    catalog = CatalogStore(pool: pool)
    sequencer = Sequencer(pool: pool, tell: tell)
    self.worker = worker
    self.version = version
  }

  /// Takes the open rejections of one backfill, or of all.
  public func run(of backfill: BackfillID?, requestedBy user: String) async throws -> Result {
    var result = Result()
    // Only those that are there now: a record that is rejected once more is not tried once more.
    let last = try await store.lastRejection()
    var after: Int64 = 0
    while true {
      let page = try await store.listRejections(of: backfill, after: after, limit: Self.pageSize)
        .filter { $0.id <= last }
      guard let end = page.last else { break }
      after = end.id
      for (stream, rows) in Dictionary(grouping: page, by: \.stream).sorted(by: { $0.key < $1.key })
      {
        try await redrive(rows, of: stream, requestedBy: user, into: &result)
      }
    }
    // Nobody else may be there to fold the numbers.
    if !result.backfills.isEmpty { try await sequencer.drain() }
    return result
  }

  private func redrive(
    _ rows: [RejectionRow], of stream: String, requestedBy user: String, into result: inout Result
  ) async throws {
    guard let known = try await catalog.findStream(stream) else {
      result.missing.insert(stream)
      result.refused += rows.count
      return
    }
    let definition = try BackfillDefinition(known)
    let judgement = try RedriveJudgement(rows, under: definition.stream)
    try await store.updateReasons(judgement.refused)
    result.refused += judgement.refused.count
    guard let window = judgement.window else { return }
    let order = RedriveOrder(
      rejections: judgement.taken, stream: known, definition: definition, window: window,
      worker: worker, version: version, requestedBy: user, reason: Self.reason(rows),
      batch: judgement.batch)
    guard let redriven = try await store.redrive(order) else { return }
    result.backfills.append(redriven.backfill)
    result.records = result.records + redriven.records
  }

  private static func reason(_ rows: [RejectionRow]) -> String {
    let backfills = Set(rows.map(\.partition.backfill)).sorted().map(\.description)
    let which = backfills.count == 1 ? "backfill" : "backfills"
    return "Redrive of records that were rejected in \(which) \(Wording.list(backfills))."
  }
}

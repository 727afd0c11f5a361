import DatabaseFixtures
import Domain
import JSON
import Testing

@testable import Stores

extension Fixture {
  /// The batch of some records, each one JSON text, evaluated as a worker does.
  func batch(
    _ records: [String], policy: Policy? = nil, window: Window? = nil, requests: Int = 1
  ) throws -> Batch {
    let scanner = RecordScanner(
      records: JSONPath("data"), envelope: [], fields: definition.fields)
    var evaluator = try RecordEvaluator(
      stream: definition, policy: policy ?? definition.policy, window: window ?? Self.year)
    let page = Array("{\"data\":[\(records.joined(separator: ","))]}".utf8)
    let scan = try page.withUnsafeBytes { try scanner.scanDocument($0) }
    var batch = Batch()
    batch.add(page, scan, requests: requests, by: &evaluator)
    return batch
  }

  /// The order to commit some records as a partition's next batch.
  func order(
    _ claimed: ClaimedPartition, _ records: [String], sequence: Int32? = nil,
    policy: Policy? = nil, cursor: String? = nil, end: CommitOrder.End? = nil,
    isProbe: Bool = false, lease: Double = 60, window: Window? = nil
  ) throws -> CommitOrder {
    CommitOrder(
      partition: claimed.id, fence: claimed.fence,
      sequence: sequence ?? claimed.batchSequence + 1, stream: stream.id,
      policy: policy ?? definition.policy, exclude: definition.exclude,
      measures: definition.measures.map(\.name),
      rejectLimit: RejectLimit(share: definition.rejectLimit), cursor: cursor, end: end,
      isProbe: isProbe, leaseSeconds: lease,
      batch: try batch(records, policy: policy, window: window))
  }

  /// Commits some records as a partition's next batch.
  func commit(
    _ claimed: ClaimedPartition, _ records: [String], sequence: Int32? = nil,
    policy: Policy? = nil, cursor: String? = nil, end: CommitOrder.End? = nil,
    isProbe: Bool = false, window: Window? = nil
  ) async throws -> CommitAnswer {
    try await commits.commit(
      try order(
        claimed, records, sequence: sequence, policy: policy, cursor: cursor, end: end,
        isProbe: isProbe, window: window),
      staging: StageBuffer())
  }

  /// All of 2024, in which every record of a test lies unless it is to be outside.
  static let year = Window(
    from: Instant(microseconds: 1_704_067_200_000_000),
    to: Instant(microseconds: 1_735_689_600_000_000))

  /// Folds everything there is; a server process that was killed may hold the lock for a moment.
  func fold() async throws {
    let isFolded = try await eventually {
      while let pass = try await sequencer.fold(limit: 100) {
        if pass.tallies == 0 { return true }
      }
      return false
    }
    #expect(isFolded)
    #expect(try await value("SELECT count(*) FROM backfill.tally", Int64.self) == 0)
  }
}

/// A record of `shop.orders`.
func record(
  _ id: String, at seconds: Int = 1_709_300_000, v: Int = 1, amount: String = "1.00",
  c: String = "EUR", more: String = ""
) -> String {
  "{\"id\":\"\(id)\",\"at\":\(seconds),\"v\":\(v),\"amount\":\(amount),\"c\":\"\(c)\"\(more)}"
}

extension OutcomeCounts {
  /// Counts as they are written in a test; what is not named is 0.
  init(_ counts: [Outcome: Int64]) {
    self.init()
    for (outcome, count) in counts { self[outcome] = count }
  }
}

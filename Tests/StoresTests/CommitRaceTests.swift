import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("Commits at once")
struct CommitRaceTests {
  @Test("of one change count it once, and the other as unchanged", arguments: Meeting.allCases)
  func sameChange(_ meeting: Meeting) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 3)
      _ = try await store.commit(
        try await store.claimOne(), [record("k"), record("l")], end: .succeeded)
      let change = [record("k", v: 2), record("l", v: 2)]
      let second = try await meeting.commit(change, before: change, in: store)
      #expect(second == .committed(OutcomeCounts([.unchanged: 2]), partition: .succeeded))
      #expect(
        try await store.value("SELECT count(*) FROM backfill.document_version", Int64.self) == 2)
    }
  }

  @Test(
    "of which one changed what the other found older go on in turn", arguments: Meeting.allCases)
  func turns(_ meeting: Meeting) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 3)
      _ = try await store.commit(
        try await store.claimOne(), [record("k", amount: "1")], end: .succeeded)
      // When it was looked up the stored version was 1; when it is judged, it is 3.
      let second = try await meeting.commit(
        [record("k", v: 3, amount: "3")], before: [record("k", v: 2, amount: "2")], in: store)
      #expect(second == .committed(OutcomeCounts([.stale: 1]), partition: .succeeded))
      try await store.fold()
      #expect(
        try await store.value("SELECT trim_scale(amount)::text FROM backfill.measure", String.self)
          == "3")
    }
  }

  @Test("over the same keys in any order never deadlock, and lose no record")
  func deadlocks() async throws {
    let writers = 8
    let batches = 250
    try await Fixture.with(connections: writers) { store in
      let backfill = try await store.submit(days: writers)
      let claimed = try await store.claim(writers)
      let total = try await withThrowingTaskGroup(of: OutcomeCounts.self) { group in
        for (index, partition) in claimed.enumerated() {
          group.addTask { try await Self.write(batches, to: partition, of: store, seed: index) }
        }
        return try await group.reduce(OutcomeCounts(), +)
      }
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.records == total)
      #expect(row.records.read == Int64(writers * batches * 15))
      #expect(row.records[.versioned] > 1_000)
      #expect(
        try await store.value(
          "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", Int64.self)
          == 0)
      try await store.expectMeasuresFromDocuments()
    }
  }

  /// Commits batches of random records over a window of keys that moves on, so that some keys are
  /// new and most are known.
  private static func write(
    _ batches: Int, to partition: ClaimedPartition, of store: Fixture, seed: Int
  ) async throws -> OutcomeCounts {
    var generator = SeededGenerator(seed: UInt64(seed))
    var total = OutcomeCounts()
    let stage = StageBuffer()
    for sequence in 1...batches {
      let keys = (0..<60).shuffled(using: &generator).prefix(15)
      let records = keys.map { key in
        record(
          "k\(key + sequence / 10 * 5)", v: Int.random(in: 1...4, using: &generator),
          amount: "\(Int.random(in: 1...3, using: &generator))")
      }
      let order = try store.order(
        partition, records, sequence: Int32(sequence), cursor: "\(sequence)",
        end: sequence == batches ? .succeeded : nil)
      let answer = try await store.commits.commit(order, staging: stage)
      guard case .committed(let counts, _) = answer else {
        Issue.record("seed \(seed), batch \(sequence): \(answer)")
        return total
      }
      #expect(counts.read == Int64(records.count))
      total = total + counts
    }
    return total
  }
}

extension CommitRaceTests {
  /// Where two commits meet.
  enum Meeting: CaseIterable {
    /// The first has written; the second waits for it as it looks for new keys.
    case beforeJudging
    /// The second has judged what it knows, and waits for the lock of the first document; only then
    /// does the first write.
    case afterJudging

    /// Commits `first` and, while that is not yet durable, `second`; gives what became of the latter.
    func commit(
      _ first: [String], before second: [String], in store: Fixture
    ) async throws -> CommitAnswer {
      let (one, other) = (try await store.claimOne(), try await store.claimOne())
      return try await store.database.withConnection { connection in
        try await connection.execute("BEGIN")
        if self == .beforeJudging {
          try await write(first, to: one, in: store, on: connection)
        } else {
          try await connection.execute(
            "SELECT FROM backfill.document WHERE key = 'order:k' FOR NO KEY UPDATE")
        }
        async let answer = store.commit(other, second, end: .succeeded)
        #expect(try await store.eventuallyWaiting(1))
        if self == .afterJudging {
          try await write(first, to: one, in: store, on: connection)
        }
        try await connection.execute("COMMIT")
        return try await answer
      }
    }

    private func write(
      _ records: [String], to partition: ClaimedPartition, in store: Fixture,
      on connection: Connection
    ) async throws {
      let stage = StageBuffer()
      let order = try store.order(partition, records, end: .succeeded)
      stage.fill(order)
      _ = try await connection.copyIn(CommitStore.sql(order), from: stage.rows) { row in
        try CommitAnswer(&row)
      }
    }
  }
}

import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("Commits at once")
struct CommitRaceTests {
  @Test(
    "of one change count it once, and the other as unchanged, whatever it waits for",
    arguments: [["m"], []])
  func sameChange(_ new: [String]) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 3)
      _ = try await store.commit(
        try await store.claimOne(), [record("k"), record("l")], end: .succeeded)
      let (one, other) = (try await store.claimOne(), try await store.claimOne())
      let change = [record("k", v: 2), record("l", v: 2)] + new.map { record($0) }
      try await store.database.withConnection { connection in
        // The first has written all and is about to commit.
        try await connection.execute("BEGIN")
        let stage = StageBuffer()
        let first = try store.order(one, change, end: .succeeded)
        stage.fill(first)
        _ = try await connection.copyIn(CommitStore.sql(first), from: stage.rows) { row in
          try CommitAnswer(&row)
        }
        async let second = store.commit(other, change, end: .succeeded)
        #expect(try await store.eventuallyWaiting(1))
        try await connection.execute("COMMIT")
        #expect(
          try await second
            == .committed(
              OutcomeCounts([.unchanged: Int64(change.count)]), partition: .succeeded))
      }
      #expect(
        try await store.value("SELECT count(*) FROM backfill.document_version", Int64.self) == 2)
    }
  }

  @Test("of which one changed a document that another found changed go on in turn")
  func turns() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 3)
      _ = try await store.commit(
        try await store.claimOne(), [record("k", amount: "1")], end: .succeeded)
      let (one, other) = (try await store.claimOne(), try await store.claimOne())
      try await store.database.withConnection { connection in
        try await connection.execute("BEGIN")
        let stage = StageBuffer()
        let first = try store.order(one, [record("k", v: 3, amount: "3")], end: .succeeded)
        stage.fill(first)
        _ = try await connection.copyIn(CommitStore.sql(first), from: stage.rows) { row in
          try CommitAnswer(&row)
        }
        async let second = store.commit(
          other, [record("k", v: 2, amount: "2")], end: .succeeded)
        #expect(try await store.eventuallyWaiting(1))
        try await connection.execute("COMMIT")
        // When it was looked up the stored version was 1; when it was judged, it was 3.
        #expect(
          try await second == .committed(OutcomeCounts([.stale: 1]), partition: .succeeded))
      }
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

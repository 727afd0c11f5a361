import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A commit whose answer was lost")
struct UnknownCommitTests {
  @Test("is found when it is there, and not when it never was")
  func found() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      let order = try store.order(claimed, [record("a"), record("o", at: 1)], end: .succeeded)
      #expect(try await store.commits.findBatch(order) == nil)
      _ = try await store.commits.commit(order, staging: StageBuffer())
      let found = try #require(try await store.commits.findBatch(order))
      #expect(found.0 == OutcomeCounts([.inserted: 1, .outside: 1]))
      #expect(found.1 == .succeeded)
      var other = order
      other.fence += 1
      #expect(try await store.commits.findBatch(other) == nil)
    }
  }

  @Test("and is still under way is waited for, however it ends", arguments: [true, false])
  func underWay(_ commits: Bool) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      let order = try store.order(claimed, [record("a")], cursor: "1")
      try await store.database.withConnection { connection in
        try await connection.execute("BEGIN")
        let stage = StageBuffer()
        stage.fill(order)
        _ = try await connection.copyIn(CommitStore.sql(order), from: stage.rows) { row in
          try CommitAnswer(&row)
        }
        async let found = store.commits.findBatch(order)
        #expect(try await store.eventuallyWaiting(1))
        try await connection.execute(commits ? "COMMIT" : "ROLLBACK")
        #expect(try await found?.0 == (commits ? OutcomeCounts([.inserted: 1]) : nil))
      }
    }
  }

  @Test("because its server process ended is resolved by looking", arguments: [1, 2])
  func terminated(_ seed: UInt64) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      let killer = Task { try await store.terminateCommits(seed: seed) }
      defer { killer.cancel() }
      var sequence: Int32 = 1
      var lost = 0
      while lost < 10 || sequence <= 20 {
        let order = try store.order(
          claimed, (0..<50).map { record("k\(sequence)-\($0)") }, sequence: sequence,
          cursor: "\(sequence)")
        do {
          let answer = try await store.commits.commit(order, staging: StageBuffer())
          #expect(answer == .committed(OutcomeCounts([.inserted: 50]), partition: .running))
          sequence += 1
        } catch let error as PostgresError {
          lost += 1
          // A kill that came after the answer hits the look-up, which is made again then.
          if let found = try await store.retrying({ try await store.commits.findBatch(order) }) {
            #expect(error.commitOutcomeUnknown, "seed \(seed): \(error)")
            #expect(found.0 == OutcomeCounts([.inserted: 50]))
            sequence += 1
          }
        }
      }
      killer.cancel()
      let rows = try await store.retrying {
        try await store.value("SELECT count(*) FROM backfill.document", Int64.self)
      }
      #expect(rows == Int64(sequence - 1) * 50, "seed \(seed), \(lost) lost")
      try await store.retrying { try await store.fold() }
      try await store.expectMeasuresFromDocuments("seed \(seed)")
      try await store.expectCountsAddUp("seed \(seed)")
    }
  }
}

extension Fixture {
  /// Ends one in so many of the server processes that are seen to commit a batch.
  func terminateCommits(seed: UInt64) async throws {
    try await database.withConnection { connection in
      try await connection.execute("SELECT setseed(1.0 / \(seed + 1))")
      while !Task.isCancelled {
        try await connection.execute(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '/* commitBatch */%'
              AND state = 'active' AND random() < 0.2
          """)
      }
    }
  }

  /// Does something that may be done twice again, for as long as its connection breaks.
  func retrying<Value>(_ body: () async throws -> Value) async throws -> Value {
    while true {
      do {
        return try await body()
      } catch let error as PostgresError
        where error.retryAdvice != .never || error.commitOutcomeUnknown
      {
        continue
      }
    }
  }
}

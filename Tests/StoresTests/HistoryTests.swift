import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("History by day")
struct HistoryTests {
  @Test("moves to the table of its day, and goes with it, but for backfills that go on")
  func days() async throws {
    try await Fixture.with { store in
      let history = HistoryStore(pool: store.pool)
      let backfill = try await store.submit(days: 1)
      _ = try await store.commit(
        try await store.claimOne(), [record("a"), record("o", at: 1)], end: .succeeded)
      let today = try #require(
        CivilDate(
          try await store.value("SELECT (now() AT TIME ZONE 'UTC')::date::text", String.self)))
      try await history.addDay(today)
      try await history.addDay(today)
      try await history.addDay(today.adding(days: 1))
      for table in ["attempt", "batch", "batch_keys"] {
        let counts = try await store.value(
          """
          SELECT (SELECT count(*) FROM backfill.\(table)_default) || ' '
            || (SELECT count(*) FROM backfill.\(table))
          """, String.self)
        #expect(counts == "0 1", "\(table)")
      }
      // It is not finished before it is folded.
      #expect(try await history.dropDays(before: today.adding(days: 1)) == 0)
      try await store.fold()
      #expect(try await history.dropDays(before: today) == 0)
      #expect(try await history.dropDays(before: today.adding(days: 1)) == 3)
      #expect(try await store.value("SELECT count(*) FROM backfill.batch", Int64.self) == 0)
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.records == OutcomeCounts([.inserted: 1, .outside: 1]))
      #expect(row.state == .succeeded)
    }
  }

  @Test("is added and dropped while batches are committed, and nobody is a victim of a deadlock")
  func whileCommitting() async throws {
    try await Fixture.with(connections: 8) { store in
      _ = try await store.submit(days: 4)
      let claimed = try await store.claim(4)
      let history = HistoryStore(pool: store.pool)
      let today = try #require(
        CivilDate(
          try await store.value("SELECT (now() AT TIME ZONE 'UTC')::date::text", String.self)))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for partition in claimed {
          group.addTask {
            let stage = StageBuffer()
            for sequence in 1...80 {
              let order = try store.order(
                partition, [record("k\(sequence)"), record("o", at: 1)],
                sequence: Int32(sequence), cursor: "1")
              _ = try await store.commits.commit(order, staging: stage)
            }
          }
        }
        group.addTask {
          for day in 0..<40 {
            try await history.addDay(today.adding(days: -day))
            try await history.dropDays(before: today.adding(days: -1))
          }
        }
        try await group.waitForAll()
      }
      #expect(
        try await store.value(
          "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", Int64.self)
          == 0)
      try await store.fold()
      try await store.expectCountsAddUp()
    }
  }
}

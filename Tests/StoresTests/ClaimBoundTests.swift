import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("However it is planned, a claim")
struct ClaimBoundTests {
  /// What the tables look like.
  enum Tables: CaseIterable { case empty, small, bloated, analyzed }

  @Test("never gives more than was asked for, nor more than a cap", arguments: Tables.allCases)
  func bounded(_ tables: Tables) async throws {
    try await Fixture.with { store in
      let capped = try await store.prepare(tables)
      try await store.database.withConnection { connection in
        // Without the settings that the function brings, the server's are as free as can be.
        try await connection.execute(
          "ALTER FUNCTION backfill.claim(bigint, int, interval) RESET ALL")
        let switches = try await connection.column(
          "SELECT name FROM pg_settings WHERE name LIKE 'enable%' AND vartype = 'bool'", String.self
        )
        #expect(switches.count > 15)
        let ways =
          switches.map { [$0] } + [[], switches] + switches.map { off in [off, "enable_nestloop"] }
        for off in ways {
          try await connection.execute("RESET ALL")
          for name in off { try await connection.execute("SET \(name) = off") }
          for mode in ["force_generic_plan", "force_custom_plan"] {
            try await connection.execute("SET plan_cache_mode = \(mode)")
            for room in [1, 7, 200] {
              try await connection.execute("BEGIN")
              let claimed = try await connection.query(
                PartitionStore.claim, (store.worker.rawValue, Int32(room), 60))
              try await connection.execute("ROLLBACK")
              #expect(claimed.count <= room, "\(off), \(mode)")
              #expect(Set(claimed.map(\.id)).count == claimed.count, "\(off), \(mode)")
              let wanted = tables == .empty ? 0 : min(room, tables == .small ? 7 : 1_003)
              #expect(claimed.count == wanted, "\(off), \(mode)")
              let mine = claimed.filter { $0.id.backfill == capped }.count
              #expect(mine <= 3, "\(off), \(mode)")
            }
          }
        }
      }
    }
  }
}

extension Fixture {
  /// Fills the tables; gives a backfill of which 3 partitions may run, if there is any.
  fileprivate func prepare(_ tables: ClaimBoundTests.Tables) async throws -> BackfillID? {
    if tables == .empty { return nil }
    let days = tables == .small ? 4 : 1_000
    let capped = try await submit(days: days, concurrency: 3)
    _ = try await submit(days: days)
    if tables == .bloated {
      for _ in 1...20 {
        try await execute(
          "UPDATE backfill.partition SET state = 'waiting', not_before = clock_timestamp()")
        try await execute("UPDATE backfill.partition SET state = 'ready', not_before = NULL")
      }
    }
    if tables == .analyzed { try await execute("ANALYZE") }
    return capped
  }
}

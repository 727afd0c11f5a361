import DatabaseFixtures
import Domain
import Glibc
import Postgres
import Processes
import Testing

@testable import Postgres
@testable import Stores

@Suite("A client that stops in the middle of its batch")
struct StalledClientTests {
  @Test("holds no partition, which another takes over after the lease; what comes late is fenced")
  func stalled() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      let order = try store.order(
        claimed, (0..<500).map { record("k\($0)") }, end: .succeeded)
      let stage = StageBuffer()
      stage.fill(order)
      let bytes = Array(stage.rows.bytes) + [0xFF, 0xFF]
      var pipe: [Int32] = [0, 0]
      try #require(Glibc.pipe(&pipe) == 0)
      var command = Command(
        "psql", ["-XAtq", "-d", store.database.connectionString, "-c", CommitStore.sql(order)])
      command.input = .descriptor(pipe[0])
      let late = try await command.withProcess(output: .streamed, errors: .streamed) { client in
        Glibc.close(pipe[0])
        try #require(write(bytes[..<20_000], to: pipe[1]))
        let isCopying = try await eventually {
          try await store.value(
            "SELECT count(*) = 1 FROM pg_stat_progress_copy WHERE tuples_processed > 10", Bool.self)
        }
        #expect(isCopying)
        // Nothing of the schema is locked by it.
        #expect(
          try await store.value(
            """
            SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
              WHERE c.relnamespace = 'backfill'::regnamespace AND l.pid <> pg_backend_pid()
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, Int64.self) == 0)
        try await store.execute("BEGIN; SELECT FROM backfill.partition FOR UPDATE NOWAIT; ROLLBACK")
        try await store.expire()
        #expect(try await store.rescueLost() == 1)
        let again = try await store.claimOne()
        let answer = try await store.commit(again, [record("other")], end: .succeeded)
        #expect(answer == .committed(OutcomeCounts([.inserted: 1]), partition: .succeeded))
        let before = try await store.database.snapshot(withTransactions: true)
        try #require(write(bytes[20_000...], to: pipe[1]))
        Glibc.close(pipe[1])
        let text = try await client.output.collected(upTo: 4_096).text
        #expect(try await store.database.snapshot(withTransactions: true) == before)
        return text
      }
      #expect(late.hasPrefix("fenced|"))
    }
  }

  private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

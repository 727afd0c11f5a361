import DatabaseFixtures
import JSON
import SampleSource
import Testing

/// Steering backfills while they are worked on.
@Suite struct SteeringTests {
  @Test("a backfill is paused, changed, resumed and cancelled, and a retry lets it go on")
  func steers() async throws {
    try await withShop(days: 60, latency: .milliseconds(60)) { program, database, shop in
      #expect(try await program.run(["submit", "shop.orders"] + shop.window).code == 0)
      try await working(program, concurrency: 4) {
        #expect(try await eventually { try await database.partitions("succeeded") >= 2 })
        let pause = try await program("pause", "1")
        #expect(pause.code == 0 && pause.output.contains("resume 1"), "\(pause)")
        #expect(try await eventually { try await database.partitions("running") == 0 })
        let again = try await program("pause", "1")
        #expect(again.code == 0 && again.errors.contains("paused already"), "\(again)")
        let show = try await program("show", "1")
        #expect(show.output.contains("waits for an operator to resume it"), "\(show)")
        let set = try await program("set", "1", "--concurrency", "1", "--priority", "7", "--json")
        #expect(try set.document["concurrency"]?.int == 1, "\(set)")
        #expect(try await program("resume", "1").code == 0)
        let done = try await database.partitions("succeeded")
        #expect(try await eventually { try await database.partitions("succeeded") > done + 1 })
        let cancel = try await program("cancel", "1", "--json")
        #expect(try cancel.document["state"]?.string == "cancelled", "\(cancel)")
        #expect(try await program("pause", "1").code == 1)
        #expect(try await program("watch", "1").code == 3)
        #expect(try await program("set", "1", "--concurrency", "none").code == 1)
        let retry = try await program("retry", "1", "--wait", "--json")
        #expect(retry.code == 0, "\(retry)")
        #expect(try retry.document["records"]?["read"]?.int == shop.count)
      }
      #expect(try await database.documents() == shop.count)
    }
  }

  @Test("a retry leaves what succeeded untouched, byte for byte")
  func retriesOnlyWhatFailed() async throws {
    try await withShop(days: 12, latency: .zero, behaviours: [3: .broken, 7: .broken]) {
      program, database, shop in
      let words = ["submit", "shop.orders"] + shop.window + ["--wait"]
      let first = try await working(program) { try await program.run(words) }
      #expect(first.code == 3, "\(first)")
      #expect(first.output.contains("10 partitions succeeded, 2 failed."), "\(first)")
      let failed = try await program("partitions", "1", "--state", "failed", "--json").documents
      let numbers = failed.compactMap { $0["number"]?.int }
      #expect(numbers == [5, 9])
      let before = try await database.succeeded()
      let retry = try await working(program) {
        try await program("retry", "1", "--partition", "5", "--wait")
      }
      #expect(retry.code == 3 && retry.output.contains("1 partition of backfill 1"), "\(retry)")
      #expect(try await database.succeeded() == before)
      let attempts = try await program("attempts", "1", "--json", "--limit", "1000").documents
      let tries = Dictionary(grouping: attempts) { $0["partition"]?.int }.mapValues(\.count)
      #expect(tries[5] == 4 && tries[9] == 2 && tries[1] == 1, "\(tries)")
      let unknown = try await program("retry", "1", "--partition", "5", "--partition", "13")
      #expect(
        unknown.code == 2 && unknown.errors.contains("no partition 13; it has those from 1 to 12"),
        "\(unknown)")
      let other = try await program("retry", "1", "--partition", "1")
      #expect(other.code == 0 && other.output.contains("nothing was changed"), "\(other)")
    }
  }
}

extension Database {
  /// Every succeeded partition with the transaction that wrote it last.
  fileprivate func succeeded() async throws -> [String] {
    try await withConnection { connection in
      try await connection.column(
        """
        SELECT p.xmin::text || ' ' || p::text FROM backfill.partition p WHERE state = 'succeeded'
          ORDER BY number
        """, String.self)
    }
  }
}

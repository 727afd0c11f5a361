import DatabaseFixtures
import JSON
import Operations
import Postgres
import Stores
import Testing

/// `doctor`, and how it judges a server.
@Suite struct DoctorTests {
  @Test("a doctor finds the missing worker, the stuck backfill and the secret that is not there")
  func finds() async throws {
    try await withShop(days: 3, latency: .zero) { program, database, shop in
      #expect(try await program.run(["submit", "shop.orders"] + shop.window).code == 0)
      let elsewhere = BuiltProgram(on: database, folder: program.folder)
      let answer = try await elsewhere("doctor")
      #expect(answer.code == 1, "\(answer)")
      for words in [
        "No worker is alive, and there is work to do", "Backfill 1 of shop.orders waits for",
        "shop.orders: The variable SHOP_TOKEN is not set", "fsync is off",
      ] {
        #expect(answer.output.contains(words), "\(words)\n\(answer)")
      }
      let findings = try await program("doctor", "--json").documents
      #expect(findings.contains { $0["check"]?.string == "stream" && $0["level"]?.string == "ok" })
    }
  }

  @Test("whoever waits is told why nothing is counted, and so is who asks the doctor")
  func tellsWhyNothingIsCounted() async throws {
    try await withShop(days: 2, latency: .zero) { program, database, shop in
      #expect(try await program.run(["submit", "shop.orders"] + shop.window).code == 0)
      try await database.withConnection { connection in
        try await connection.execute(
          """
          INSERT INTO backfill.tally (backfill_id, committed_at, measures)
            VALUES (1, now(), '{"not": "a list"}')
          """)
      }
      try await working(program) {
        let isTold = try await eventually {
          try await program("doctor").output.contains("cannot be counted, so no backfill ends")
        }
        #expect(isTold)
        let show = try await program("show", "1")
        #expect(show.output.contains("waits for the counters, which cannot be written"), "\(show)")
        try await database.withConnection { connection in
          try await connection.execute("DELETE FROM backfill.tally WHERE measures ? 'not'")
        }
        #expect(try await program("watch", "1").code == 0)
        let after = try await program("doctor")
        #expect(after.output.contains("Counters are up to date."), "\(after)")
      }
    }
  }

  @Test("a sound server has no finding, and each trouble has its own")
  func judges() {
    let sound = ServerFacts(
      version: "15.18", hasFsync: true, hasFullPageWrites: true, hasAutovacuum: true,
      synchronousCommit: "on", connectionLimit: 100, connections: 10, oldPreparedTransactions: 0,
      heldTransactions: 5_000, transactionsSinceFreeze: 50_000_000, bytes: 1 << 30,
      secondsUnfolded: nil)
    let tables = [TableFacts(name: "lane", rows: 10, deadRows: 200)]
    let none = ServerDiagnosis.findings(sound, oldest: nil, tables: tables)
    #expect(none.allSatisfy { $0.level == .ok }, "\(none)")
    let troubles: [(String, (inout ServerFacts) -> Void)] = [
      ("fsync", { $0.hasFsync = false }), ("full_page_writes", { $0.hasFullPageWrites = false }),
      ("autovacuum", { $0.hasAutovacuum = false }),
      ("synchronous_commit", { $0.synchronousCommit = "off" }),
      ("max_connections", { $0.connections = 90 }),
      ("prepared_transactions", { $0.oldPreparedTransactions = 1 }),
      ("snapshot", { $0.heldTransactions = 20_000_000 }),
      ("freeze", { $0.transactionsSinceFreeze = 1_500_000_000 }),
      ("counters", { $0.secondsUnfolded = 60 }), ("counters", { $0.foldFailure = "no" }),
    ]
    for (check, spoil) in troubles {
      var server = sound
      spoil(&server)
      let findings = ServerDiagnosis.findings(server, oldest: nil, tables: tables)
      #expect(findings.filter { $0.level != .ok }.map(\.check) == [check])
    }
    let open = OpenTransaction(process: 4_711, application: "psql", seconds: 7_200)
    let long = ServerDiagnosis.findings(
      sound, oldest: open, tables: [TableFacts(name: "partition", rows: 10, deadRows: 90_000)])
    let messages = long.filter { $0.level == .warning }.map(\.message)
    #expect(messages.count == 2 && messages[0].contains("pg_terminate_backend(4711)"))
    #expect(messages[0].contains("open for 2 h") && messages[1].contains("VACUUM"))
  }
}

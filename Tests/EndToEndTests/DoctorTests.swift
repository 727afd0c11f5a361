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
    let none = ServerDiagnosis.findings(sound, oldest: nil, tables: tables, workersAlive: 1)
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
      ("transactions", { $0.blindUser = "etl" }), ("server", { $0.version = "14.11" }),
    ]
    for (check, spoil) in troubles {
      var server = sound
      spoil(&server)
      let findings = ServerDiagnosis.findings(server, oldest: nil, tables: tables, workersAlive: 1)
      #expect(findings.filter { $0.level != .ok }.map(\.check) == [check])
    }
    let open = OpenTransaction(process: 4_711, application: "psql", seconds: 7_200)
    let long = ServerDiagnosis.findings(
      sound, oldest: open, tables: [TableFacts(name: "partition", rows: 10, deadRows: 90_000)],
      workersAlive: 1)
    let messages = long.filter { $0.level == .warning }.map(\.message)
    #expect(messages.count == 2 && messages[0].contains("pg_terminate_backend(4711)"))
    #expect(messages[0].contains("open for 2 h") && messages[1].contains("VACUUM"))
    var behind = sound
    behind.secondsUnfolded = 60
    for (alive, level, words) in [
      (0, Finding.Level.warning, "start one with"), (2, .problem, "although a worker is alive"),
    ] {
      let counters = ServerDiagnosis.findings(
        behind, oldest: nil, tables: tables, workersAlive: alive
      ).first { $0.check == "counters" }
      #expect(counters?.level == level && counters?.message.contains(words) == true)
    }
  }

  @Test(
    "a doctor names the held source, the silent subscription, the blind user and a newer schema")
  func names() async throws {
    try await withProgram { program, database in
      let path = try OrdersFile(days: 3, seed: 2).write(to: program.folder)
      #expect(try await program("apply", "-f", path).code == 0)
      let document = """
        {subscriptions: {
          finance: {scope: {tags: ['x']}, events: ['finished'], deliver: {slack: {url: 'env:HOOK'}}},
          gone: {scope: {tags: ['x']}, events: ['finished'], deliver: {slack: {url: 'env:HOOK'}}},
        }}
        """
      #expect(
        try await program("apply", "-f", "-", "--skip-check", input: document).code == 0)
      try await database.withConnection { connection in
        try await connection.execute(
          """
          UPDATE backfill.request_budget SET held_until = clock_timestamp() + interval '2 hours',
            held_reason = 'The quota of today is used up.';
          UPDATE backfill.subscription SET disabled_at = clock_timestamp(),
            disabled_reason = 'The receiver answered 410.' WHERE name = 'gone';
          INSERT INTO backfill.migration (version, name, checksum, breaking)
            VALUES (9001, 'later', 'x', false);
          CREATE ROLE blind\(database.name) LOGIN;
          GRANT USAGE ON SCHEMA backfill TO blind\(database.name);
          GRANT SELECT ON ALL TABLES IN SCHEMA backfill TO blind\(database.name)
          """)
      }
      let user = "\(database.connectionString) user=blind\(database.name)"
      let answer = try await program("doctor", "--database", user)
      for words in [
        "shop asks for patience until", "The quota of today is used up.",
        "gone: It is told nothing any more (The receiver answered 410.)",
        "finance: The variable HOOK is not set", "newer than the",
        "GRANT pg_read_all_stats TO blind\(database.name)",
      ] {
        #expect(answer.output.contains(words), "\(words)\n\(answer)")
      }
      try await database.withConnection { connection in
        try await connection.execute(
          "DROP OWNED BY blind\(database.name); DROP ROLE blind\(database.name)")
      }
    }
  }
}

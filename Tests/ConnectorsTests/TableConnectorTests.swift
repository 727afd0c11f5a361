import Connectors
import DatabaseFixtures
import Domain
import JSON
import Postgres
import Testing

@Suite("A table of PostgreSQL as a source")
struct TableConnectorTests {
  private let day = window("2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z")

  /// Makes a table in a database of its own and lends the connector of a stream over it.
  private func with(
    _ sql: String, _ stream: String,
    time: String = #"event_time: "at""#, key: String = "id",
    _ body: (any Connector, Database) async throws -> Void
  ) async throws {
    try await Database.with(isMigrated: false) { database in
      try await database.withConnection { try await $0.execute(sql) }
      let source = try shop(
        """
        {sources: {shop: {connector: "postgres", url: "env:SHOP_DB", streams: {orders: {
          key: "order:{\(key)}", \(time), \(stream)}}}}}
        """)
      let factory = try factory(secrets: ["SHOP_DB": database.connectionString])
      try await body(try connector(source, factory), database)
    }
  }

  private let orders = "CREATE TABLE orders (id int PRIMARY KEY, at timestamptz, note text);"
  private let byID = #"table: "public.orders", key_columns: ["id"]"#

  @Test("gives the rows of the window as JSON, from its first instant to before its last")
  func edges() async throws {
    let sql =
      orders + """
        INSERT INTO orders VALUES (1, '2024-02-29 23:59:59.999999+00', 'before'),
          (2, '2024-03-01 00:00+00', 'a "quoted" \\ line
        end'), (3, '2024-03-01 23:59:59.999999+00', NULL), (4, '2024-03-02 00:00+00', 'after'),
          (5, NULL, 'never');
        """
    try await with(sql, byID) { connector, _ in
      try await connector.check()
      let read = try await rows(of: connector, in: day)
      #expect(
        read == [
          #"{"id":2,"at":"2024-03-01T00:00:00+00:00","note":"a \"quoted\" \\ line\nend"}"#,
          #"{"id":3,"at":"2024-03-01T23:59:59.999999+00:00","note":null}"#,
        ])
    }
  }

  @Test("goes on at any page, in a new connection, with the row after the last one read")
  func resumes() async throws {
    // Many rows of one time, keys with quotes and beyond ASCII, and pages cut within a time.
    let sql = """
      CREATE TABLE orders (shop text, "the id" bigint, at timestamptz NOT NULL, note text);
      INSERT INTO orders SELECT (ARRAY['o''clock', 'é', 'Z', 'back\\slash'])[1 + i % 4], i,
        '2024-03-01 00:00+00'::timestamptz + (i / 1000) * interval '1 hour', repeat('x', 400)
        FROM generate_series(0, 8999) AS i;
      """
    try await with(
      sql, #"query: "SELECT * FROM orders -- all", key_columns: ["shop", "the id"]"#, key: "shop"
    ) { connector, _ in
      let whole = try await pages(of: connector, in: day)
      #expect(whole.count > 3)
      let expected = whole.flatMap(\.texts)
      #expect(expected.count == 9_000)
      #expect(Set(expected).count == 9_000)
      var before = 0
      for page in whole {
        before += page.texts.count
        guard let next = page.next else { continue }
        #expect(
          try await rows(of: connector, in: day, from: next) == Array(expected[before...]))
      }
    }
  }

  @Test("sees one moment of the database, whatever is written meanwhile")
  func oneMoment() async throws {
    let sql =
      orders + """
        INSERT INTO orders SELECT i, '2024-03-01 00:00+00'::timestamptz + i * interval '1 second',
          repeat('x', 1000) FROM generate_series(1, 5000) AS i;
        """
    try await with(sql, byID) { connector, database in
      let reader = connector.reader(of: day, fields: [])
      let first = try await reader.page(at: nil)
      try await database.withConnection { try await $0.execute("DELETE FROM orders") }
      var count = first.texts.count
      var next = first.next
      while let cursor = next {
        let page = try await reader.page(at: cursor)
        count += page.texts.count
        next = page.next
      }
      #expect(count == 5_000)
      await reader.close()
    }
  }

  @Test(
    "of a wall clock takes every row in exactly one window, also where the clock is set",
    arguments: ["timestamp", "date"])
  func wallClock(_ type: String) async throws {
    let sql = """
      CREATE TABLE orders (id int PRIMARY KEY, at \(type));
      INSERT INTO orders SELECT i, '2024-10-25'::timestamp + i * interval '30 minutes'
        FROM generate_series(0, 240) AS i;
      """
    let time = #"event_time: {field: "at", format: "local", zone: "Europe/Berlin"}"#
    try await with(sql, byID, time: time) { connector, _ in
      var read: [String] = []
      // Windows of seven hours, over the day of 25 hours.
      var from = instant("2024-10-24T20:00:00Z")
      while from < instant("2024-10-31T00:00:00Z") {
        let to = from.adding(microseconds: 7 * 3_600_000_000)
        read += try await rows(of: connector, in: Window(from: from, to: to))
        from = to
      }
      #expect(read.count == 241)
      #expect(Set(read).count == 241)
    }
  }

  @Test(
    "of counted time takes every row in exactly one window",
    arguments: [("epoch_seconds", 1), ("epoch_milliseconds", 1_000)])
  func counted(_ format: String, _ unit: Int) async throws {
    let sql = """
      CREATE TABLE orders (id int PRIMARY KEY, at bigint);
      INSERT INTO orders SELECT i, (1709251200 + i * 997) * \(unit)::bigint FROM generate_series(-9, 99) AS i;
      """
    let time = #"event_time: {field: "at", format: "\#(format)"}"#
    try await with(sql, byID, time: time) { connector, _ in
      #expect(try await rows(of: connector, in: day).count == 87)
      let half = instant("2024-03-01T12:00:00Z")
      let parts = [Window(from: day.from, to: half), Window(from: half, to: day.to)]
      var read = 0
      for part in parts { read += try await rows(of: connector, in: part).count }
      #expect(read == 87)
    }
  }

  @Test("holds nothing at the database after it was closed in the middle")
  func closes() async throws {
    let sql =
      orders + """
        INSERT INTO orders SELECT i, '2024-03-01 00:00+00', repeat('x', 1000)
          FROM generate_series(1, 20000) AS i;
        """
    try await with(sql, byID) { connector, database in
      let reader = connector.reader(of: day, fields: [])
      _ = try await reader.page(at: nil)
      await reader.close()
      try await database.withConnection { connection in
        var others: Int64 = 1
        let deadline = ContinuousClock.now + .seconds(20)
        while others > 0, ContinuousClock.now < deadline {
          others =
            try await connection.query(
              """
              SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
              """
            ) { row in try row.read(Int64.self) }.first ?? 0
        }
        #expect(others == 0)
      }
    }
  }

  @Test("says what is wrong, and reads nothing")
  func faults() async throws {
    let sql =
      orders + """
        INSERT INTO orders VALUES (1, '2024-03-01 00:00+00', 'a');
        CREATE TABLE evil (id int);
        """
    let local = #"event_time: {field: "at", format: "local", zone: "UTC"}"#
    let cases: [(String, String, SourceFailure.Kind, String)] = [
      (#"table: "nothing", key_columns: ["id"]"#, "", .refused, #""nothing" does not exist"#),
      (#"table: "orders", key_columns: ["no"]"#, "", .refused, "column t.no does not exist"),
      (byID, local, .misconfigured, #"write format: "rfc3339""#),
      (
        #"query: "SELECT * FROM orders) AS t; DROP TABLE evil; --", key_columns: ["id"]"#, "",
        .refused, "syntax error"
      ),
      (
        #"query: "SELECT *, pg_sleep(9) FROM orders", key_columns: ["id"], statement_seconds: 1"#,
        "", .timeout, "took too long"
      ),
    ]
    for (stream, time, kind, words) in cases {
      try await with(
        sql, stream, time: time.isEmpty ? #"event_time: "at""# : time
      ) { connector, database in
        let failure = await #expect(throws: SourceFailure.self) {
          try await rows(of: connector, in: day)
        }
        #expect(failure?.kind == kind, "\(stream): \(failure?.message ?? "")")
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        try await database.withConnection { try await $0.execute("SELECT FROM evil") }
      }
    }
  }

  @Test(
    "refuses keys that do not tell rows apart where a page ends, as rows could be lost there",
    arguments: [0, 1, 2, 3])
  func sharedKeys(_ shift: Int) async throws {
    // Pairs of rows that share their key: wherever a page ends, for one of the shifts between two.
    let sql = """
      CREATE TABLE orders (id int, at timestamptz, note text);
      INSERT INTO orders SELECT (i + \(shift)) / 4, '2024-03-01 00:00+00', repeat('x', 1000)
        FROM generate_series(1, 5000) AS i;
      """
    try await with(sql, byID) { connector, _ in
      let reader = connector.reader(of: day, fields: [])
      var last: String?
      do {
        var cursor: String?
        repeat {
          let page = try await reader.page(at: cursor)
          // A page that is given begins behind all rows of the page before.
          #expect(last == nil || page.texts.first?.hasPrefix(last ?? "") == false)
          last = page.texts.last.map { String($0.prefix { $0 != "," }) }
          cursor = page.next
        } while cursor != nil
      } catch let failure as SourceFailure {
        #expect(failure.kind == .misconfigured)
        #expect(failure.message.contains("share their time and key_columns"))
      }
      await reader.close()
    }
  }

  @Test(
    "refuses a checkpoint that it never wrote",
    arguments: [
      "", "no json", "{}", "[]", #"["2024-03-01T00:00:00Z"]"#, #"["a", 1]"#, #"["a","1","2"]"#,
    ])
  func foreignCheckpoint(_ checkpoint: String) async throws {
    try await with(orders, byID) { connector, _ in
      let failure = await #expect(throws: SourceFailure.self) {
        try await rows(of: connector, in: day, from: checkpoint)
      }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("never made") == true)
    }
  }

  @Test("gives rows that are each longer than a page")
  func longRows() async throws {
    let sql =
      orders + """
        INSERT INTO orders SELECT i, '2024-03-01 00:00+00', repeat('x', 3000000)
          FROM generate_series(1, 4) AS i;
        """
    try await with(sql, byID) { connector, _ in
      let read = try await pages(of: connector, in: day)
      #expect(read.flatMap { $0.texts.map { $0.prefix(7) } } == (1...4).map { #"{"id":\#($0)"# })
    }
  }

  @Test("names all faults of its definition, each by its path")
  func definition() throws {
    let source = try shop(
      """
      {sources: {shop: {connector: "postgres", url: "env:SHOP_DB", streams: {
        a: {key: "{id}", event_time: "at", table: "x", query: "SELECT 1"},
        b: {key: "{id}", event_time: "at", tabel: "x", key_columns: ["id"]}}}}}
      """)
    let faults = ConnectorFactory.faults(in: source).map { "\($0.path): \($0.message)" }
    #expect(
      faults.contains { $0.hasPrefix("sources.shop.streams.a.query: expected table or query") })
    #expect(faults.contains { $0.hasPrefix("sources.shop.streams.a.key_columns: expected") })
    #expect(faults.contains { $0.contains(#"unknown key "tabel"; did you mean "table"?"#) })
  }
}

private func pages(
  of connector: any Connector, in window: Window, from cursor: String? = nil
) async throws -> [Page] {
  let reader = connector.reader(of: window, fields: [JSONPath("at")])
  var pages: [Page] = []
  var next = cursor
  do {
    repeat {
      pages.append(try await reader.page(at: next))
      next = pages.last?.next
    } while next != nil
  } catch {
    await reader.close()
    throw error
  }
  await reader.close()
  return pages
}

private func rows(
  of connector: any Connector, in window: Window, from cursor: String? = nil
) async throws -> [String] {
  try await pages(of: connector, in: window, from: cursor).flatMap(\.texts)
}

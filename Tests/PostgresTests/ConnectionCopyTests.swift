import Postgres
import Testing
import WireFixtures

@Suite struct ConnectionCopyTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private func numbers(_ range: Range<Int64>) -> CopyBuffer {
    let buffer = CopyBuffer()
    for number in range {
      buffer.beginRow(columns: 1)
      buffer.append(number)
    }
    return buffer
  }

  @Test("values copied in are the values of the rows, of every type")
  func everyType() async throws {
    let buffer = CopyBuffer()
    buffer.beginRow(columns: 10)
    buffer.append(true)
    buffer.append(Int16.min)
    buffer.append(Int32.max)
    buffer.append(Int64.min)
    buffer.append(0.25)
    buffer.append("ä\"\\\n")
    [UInt8]([0, 255]).withUnsafeBytes { buffer.append($0) }
    buffer.append(timestamp: 1)
    buffer.append(PostgresUUID(high: 1, low: 2))
    buffer.append(UnsafeRawBufferPointer(start: nil, count: 0))
    buffer.beginRow(columns: 10)
    for _ in 0..<4 { buffer.appendNull() }
    buffer.appendNull()
    buffer.append(nil as String?)
    buffer.appendNull()
    buffer.append(timestamp: .max)
    buffer.appendNull()
    buffer.append("")
    try await server.withConnection { connection in
      try await connection.execute(
        """
        CREATE TEMPORARY TABLE stage (a bool, b int2, c int4, d int8, e float8, f text, g bytea,
          h timestamptz, i uuid, j text)
        """)
      let rows = try await connection.copyIn(
        "COPY stage FROM STDIN (FORMAT binary); SELECT * FROM stage", from: buffer
      ) { row in
        (
          (try row.read(Bool?.self), try row.read(Int16?.self), try row.read(Int32?.self)),
          (try row.read(Int64?.self), try row.read(Double?.self), try row.read(String?.self)),
          (try row.read([UInt8]?.self), try row.read(Timestamp?.self)),
          (try row.read(PostgresUUID?.self), try row.read(String?.self))
        )
      }
      try #require(rows.count == 2)
      #expect(rows[0].0 == (true, .min, .max) && rows[0].1 == (.min, 0.25, "ä\"\\\n"))
      #expect(rows[0].2 == ([0, 255], Timestamp(microseconds: 1)))
      #expect(rows[0].3 == (PostgresUUID(high: 1, low: 2), ""))
      #expect(rows[1].0 == (nil, nil, nil) && rows[1].1 == (nil, nil, nil))
      #expect(rows[1].2 == (nil, .infinity) && rows[1].3 == (nil, ""))
    }
  }

  @Test("the command behind the COPY sees its rows and answers with its own")
  func secondCommand() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE stage (id bigint)")
      let rows = try await connection.copyIn(
        """
        SELECT 'not this one'; COPY stage FROM STDIN (FORMAT binary);
        SELECT count(*), sum(id)::bigint, array_agg(id) FILTER (WHERE id < 3) FROM stage; SET jit = off
        """, from: numbers(0..<100_000)
      ) { row in (try row.read(Int.self), try row.read(Int.self), try row.read([Int].self)) }
      #expect(rows.count == 1)
      #expect(rows.first.map { $0 == (100_000, 4_999_950_000, [0, 1, 2]) } == true)
    }
  }

  @Test("a buffer serves many commits, and an empty one copies nothing")
  func reuse() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE stage (id bigint)")
      let buffer = CopyBuffer(capacity: 1 << 10, keptCapacity: 1 << 12)
      for count in [0, 1, 10_000, 3] {
        for number in 0..<count {
          buffer.beginRow(columns: 1)
          buffer.append(Int64(number))
        }
        #expect(buffer.rowCount == count && buffer.byteCount == 19 + 14 * count)
        let seen = try await connection.copyIn(
          """
          TRUNCATE stage; COPY stage FROM STDIN (FORMAT binary); SELECT count(*) FROM stage
          """, from: buffer
        ) { row in try row.read(Int.self) }
        #expect(seen == [count])
        buffer.reset()
      }
    }
  }

  @Test("a row with more or fewer columns than it said is refused before anything is sent")
  func malformedRows() async throws {
    let short = CopyBuffer()
    short.beginRow(columns: 2)
    short.append(Int64(1))
    let long = CopyBuffer()
    long.beginRow(columns: 1)
    long.append(Int64(1))
    long.append(Int64(2))
    long.beginRow(columns: 1)
    long.append(Int64(3))
    try await server.withConnection { connection in
      for buffer in [short, long] {
        let error = try await failure {
          _ = try await connection.copyIn("COPY x FROM STDIN", from: buffer) { _ in }
        }
        #expect(error.code == .misuse && error.nothingWasSent)
        buffer.reset()
        #expect(buffer.rowCount == 0)
      }
    }
  }

  @Test("a row that the table refuses undoes the whole text, wherever it stands")
  func failureMidway() async throws {
    try await server.withConnection { connection in
      try await connection.execute(
        "CREATE TEMPORARY TABLE stage (id bigint CONSTRAINT small CHECK (id <> 150000))")
      let error = try await failure {
        _ = try await connection.copyIn(
          "INSERT INTO stage VALUES (-1); COPY stage FROM STDIN (FORMAT binary); SELECT 1",
          from: numbers(0..<300_000)
        ) { row in try row.read(Int.self) }
      }
      #expect(error.sqlState == .checkViolation && error.constraint == "small")
      #expect(error.effect == .undone)
      #expect(try await connection.value("SELECT count(*) FROM stage", Int.self) == 0)
    }
  }

  @Test("a failing command behind the COPY undoes the COPY")
  func failingSecondCommand() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE stage (id bigint)")
      let error = try await failure {
        _ = try await connection.copyIn(
          "COPY stage FROM STDIN (FORMAT binary); SELECT 1; SELECT 1 / 0", from: numbers(0..<10)
        ) { row in try row.read(Int.self) }
      }
      #expect(error.sqlState == "22012" && error.effect == .undone)
      #expect(try await connection.value("SELECT count(*) FROM stage", Int.self) == 0)
    }
  }

  @Test(
    "a text whose COPY cannot begin is the server's error, and the connection goes on",
    arguments: [
      ("COPY no_such_table FROM STDIN (FORMAT binary)", PostgresError.Code.server),
      ("SELECT 1", .misuse), ("COPY (SELECT 1) TO STDOUT", .misuse),
    ])
  func noCopy(sql: String, code: PostgresError.Code) async throws {
    try await server.withConnection { connection in
      let error = try await failure {
        _ = try await connection.copyIn(sql, from: numbers(0..<10)) { row in row.skip() }
      }
      #expect(error.code == code && error.effect == .undone)
      #expect(try await connection.value("SELECT 1", Int.self) == 1)
    }
  }

  @Test("a second COPY in the text gets no data, and undoes the first")
  func twoCopies() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE stage (id bigint)")
      let copy = "COPY stage FROM STDIN (FORMAT binary)"
      let error = try await failure {
        _ = try await connection.copyIn("\(copy); \(copy)", from: numbers(0..<10)) { _ in }
      }
      #expect(error.code == .misuse)
      #expect(try await connection.value("SELECT count(*) FROM stage", Int.self) == 0)
    }
  }

  @Test("inside a transaction the COPY is committed with it")
  func insideTransaction() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE stage (id bigint)")
      struct Stop: Error {}
      await #expect(throws: Stop.self) {
        try await connection.transaction { connection in
          _ = try await connection.copyIn(
            "COPY stage FROM STDIN (FORMAT binary)", from: numbers(0..<10)
          ) { _ in }
          throw Stop()
        }
      }
      #expect(try await connection.value("SELECT count(*) FROM stage", Int.self) == 0)
    }
  }

  @Test("a connection that the server ends while data are sent takes all back, for certain")
  func terminatedMidway() async throws {
    try await server.withConnection { direct in
      try await direct.execute(
        """
        CREATE TABLE ending (id bigint);
        CREATE FUNCTION end_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE TRIGGER t BEFORE INSERT ON ending FOR EACH ROW WHEN (NEW.id = 1000)
          EXECUTE FUNCTION end_at()
        """)
      let connection = try await server.connect()
      let error = try await failure {
        _ = try await connection.copyIn(
          "COPY ending FROM STDIN (FORMAT binary); SELECT 1", from: numbers(0..<2_000_000)
        ) { row in try row.read(Int.self) }
      }
      #expect(error.code == .connectionLost && error.effect == .undone, "\(error)")
      // libpq drops what it has not read when it finds that it cannot write any more.
      #expect(error.sqlState == nil || error.sqlState == .adminShutdown)
      #expect(try await direct.value("SELECT count(*) FROM ending", Int.self) == 0)
      try await direct.execute("DROP TABLE ending; DROP FUNCTION end_at")
    }
  }

  @Test("a connection that the server ends behind the last byte leaves the outcome unknown")
  func terminatedBehindTheEnd() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE stage (id bigint)")
      let error = try await failure {
        _ = try await connection.copyIn(
          """
          COPY stage FROM STDIN (FORMAT binary); SELECT pg_terminate_backend(pg_backend_pid())
          """, from: numbers(0..<10)
        ) { row in row.skip() }
      }
      #expect(error.code == .commitOutcomeUnknown && error.sqlState == .adminShutdown)
    }
  }

  @Test(
    "a connection cut around the end of the data leaves the outcome unknown; both happen",
    arguments: [(CuttingProxy.Moment.before, 0), (.after, 10)])
  func cutAtEnd(moment: CuttingProxy.Moment, rows: Int) async throws {
    let table = "copy_cut_\(moment)"
    try await server.withConnection { direct in
      try await direct.execute("CREATE TABLE \(table) (id bigint)")
      let proxy = try CuttingProxy(moment, server) { type, _ in type == UInt8(ascii: "c") }
      let connection = try await Connection.connect(ConnectionSettings(proxy.conninfo))
      let error = try await failure {
        _ = try await connection.copyIn(
          "COPY \(table) FROM STDIN (FORMAT binary); SELECT 1", from: numbers(0..<10)
        ) { row in try row.read(Int.self) }
      }
      #expect(error.code == .commitOutcomeUnknown && error.effect == .unknown)
      #expect(try await direct.value("SELECT count(*) FROM \(table)", Int.self) == rows)
      try await direct.execute("DROP TABLE \(table)")
    }
  }

  @Test("a connection cut before the end of the data takes all back, for certain")
  func cutMidway() async throws {
    try await server.withConnection { direct in
      try await direct.execute("CREATE TABLE cut_midway (id bigint)")
      let proxy = try CuttingProxy(.before, server) { type, _ in type == UInt8(ascii: "d") }
      let connection = try await Connection.connect(ConnectionSettings(proxy.conninfo))
      let error = try await failure {
        _ = try await connection.copyIn(
          "COPY cut_midway FROM STDIN (FORMAT binary); SELECT 1", from: numbers(0..<2_000_000)
        ) { row in try row.read(Int.self) }
      }
      #expect(error.code == .connectionLost && error.effect == .undone, "\(error)")
      #expect(try await direct.value("SELECT count(*) FROM cut_midway", Int.self) == 0)
      try await direct.execute("DROP TABLE cut_midway")
    }
  }
}

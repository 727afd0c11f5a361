import Postgres
import Testing

@Suite struct ConnectionTests {
  @Test("a statement takes a tuple and returns tuples")
  func typedStatement() async throws {
    let connection = try await TestServer.shared.connect()
    let add = Statement<(Int64, String?), (Int64, String?)>("add", "SELECT $1 + 1, $2 || '!'")
    #expect(try await connection.query(add, (41, "x")).first! == (42, "x!"))
    #expect(try await connection.query(add, (.max - 1, nil)).first! == (.max, nil))
    await connection.close()
  }

  @Test("rows copied in and the command behind the COPY are one transaction")
  func copyIn() async throws {
    let connection = try await TestServer.shared.connect()
    try await connection.execute(
      "CREATE TEMPORARY TABLE stage (id bigint, name text, at timestamptz)")
    let buffer = CopyBuffer()
    for index in 0..<1000 {
      buffer.beginRow(columns: 3)
      buffer.append(Int64(index))
      buffer.append(index % 2 == 0 ? "even" : nil)
      buffer.append(timestamp: 0)
    }
    let rows = try await connection.copyIn(
      """
      COPY stage FROM STDIN (FORMAT binary);
      SELECT count(*), sum(id), array_agg(DISTINCT name), max(at) FROM stage
      """, from: buffer
    ) { row in
      (
        try row.read(Int64.self), try row.read(String.self), try row.read([String?].self),
        try row.read(Timestamp.self)
      )
    }
    #expect(rows.count == 1)
    #expect(rows[0] == (1000, "499500", ["even", nil], Timestamp(microseconds: 0)))
    await connection.close()
  }

  @Test("a transaction commits what returns and rolls back what throws")
  func transaction() async throws {
    let connection = try await TestServer.shared.connect()
    try await connection.execute("CREATE TEMPORARY TABLE t (id int)")
    let value = try await connection.transaction { connection throws(PostgresError) in
      try await connection.execute("INSERT INTO t VALUES (1)")
      return 7
    }
    #expect(value == 7)
    struct Stop: Error {}
    await #expect(throws: Stop.self) {
      try await connection.transaction { connection in
        try await connection.execute("INSERT INTO t VALUES (2)")
        throw Stop()
      }
    }
    let count = Statement<Void, Int64>("count", "SELECT count(*) FROM t")
    #expect(try await connection.query(count) == [1])
    await connection.close()
  }
}

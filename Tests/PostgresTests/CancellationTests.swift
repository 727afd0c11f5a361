import Postgres
import Testing

@Suite struct CancellationTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  /// Waits until a session waits for an advisory lock.
  private func awaitLockWait(of connection: Connection, seenBy observer: Connection) async throws {
    try await eventually("the statement waits at the server") {
      try await observer.value(
        "SELECT count(*) FROM pg_locks WHERE pid = \(connection.backendPID) AND NOT granted",
        Int.self) == 1
    }
  }

  @Test("cancelling a task makes the server give up its statement, and the connection goes on")
  func statement() async throws {
    try await server.withConnection { observer in
      try await observer.execute("SELECT pg_advisory_lock(1)")
      let connection = try await server.connect()
      let task = Task { try await connection.execute("SELECT pg_advisory_lock(1)") }
      try await awaitLockWait(of: connection, seenBy: observer)
      task.cancel()
      let error = try await failure { try await task.value }
      #expect(error.code == .cancelled && error.effect == .undone && !error.isRetryable)
      #expect(await connection.status == .idle)
      #expect(try await connection.value("SELECT 1", Int.self) == 1)
      await connection.close()
    }
  }

  @Test("a task cancelled before its call sends nothing")
  func before() async throws {
    try await server.withConnection { connection in
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await connection.execute("SELECT 1")
      }
      let error = try await failure { try await task.value }
      #expect(error.code == .cancelled && error.nothingWasSent)
    }
  }

  @Test("a cancelled transaction is rolled back, and the connection is idle again")
  func transaction() async throws {
    try await server.withConnection { observer in
      try await observer.execute(
        "CREATE TABLE cancelled_work (id int); SELECT pg_advisory_lock(2)")
      let connection = try await server.connect()
      let task = Task {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO cancelled_work VALUES (1)")
          try await connection.execute("SELECT pg_advisory_lock(2)")
        }
      }
      try await awaitLockWait(of: connection, seenBy: observer)
      task.cancel()
      #expect(try await failure { try await task.value }.code == .cancelled)
      #expect(await connection.status == .idle)
      #expect(try await observer.value("SELECT count(*) FROM cancelled_work", Int.self) == 0)
      try await observer.execute("DROP TABLE cancelled_work")
      await connection.close()
    }
  }

  @Test("a body that ends well is committed even where its task was cancelled meanwhile")
  func commitGoesOn() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE t (id int)")
      let task = Task {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO t VALUES (1)")
          withUnsafeCurrentTask { $0?.cancel() }
        }
      }
      try await task.value
      #expect(try await connection.value("SELECT count(*) FROM t", Int.self) == 1)
    }
  }

  @Test("cancelling a COPY whose second command waits undoes the COPY")
  func copy() async throws {
    try await server.withConnection { observer in
      try await observer.execute(
        "CREATE TABLE cancelled_copy (id int8); SELECT pg_advisory_lock(3)")
      let connection = try await server.connect()
      let task = Task {
        let buffer = CopyBuffer()
        buffer.beginRow(columns: 1)
        buffer.append(Int64(1))
        _ = try await connection.copyIn(
          "COPY cancelled_copy FROM STDIN (FORMAT binary); SELECT pg_advisory_lock(3)",
          from: buffer
        ) { row in row.skip() }
      }
      try await awaitLockWait(of: connection, seenBy: observer)
      task.cancel()
      let error = try await failure { try await task.value }
      #expect(error.code == .cancelled && error.effect == .undone)
      #expect(try await observer.value("SELECT count(*) FROM cancelled_copy", Int.self) == 0)
      #expect(await connection.status == .idle)
      try await observer.execute("DROP TABLE cancelled_copy")
      await connection.close()
    }
  }

  @Test("a late cancellation never hits the next statement")
  func neverTheNext() async throws {
    let echo = Statement<Int64, Int64>("echo", "SELECT $1")
    try await server.withConnection { connection in
      for number in 0..<300 as Range<Int64> {
        let task = Task { try await connection.query(echo, number) }
        if number % 3 != 0 { await Task.yield() }
        task.cancel()
        let next = try await connection.query(echo, -number)
        #expect(next == [-number])
        switch await task.result {
        case .success(let rows): #expect(rows == [number])
        case .failure(let error): #expect((error as? PostgresError)?.code == .cancelled)
        }
      }
    }
  }
}

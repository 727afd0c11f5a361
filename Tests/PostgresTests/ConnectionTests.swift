import Glibc
import Postgres
import Synchronization
import Testing
import WireFixtures

@Suite struct ConnectionTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  @Test("a connection knows its server, its process and its database")
  func facts() async throws {
    try await server.withConnection { connection in
      #expect(connection.serverVersion >= 140_000)
      #expect(connection.database == "backfill")
      let process = try await connection.value("SELECT pg_backend_pid()", Int32.self)
      #expect(connection.backendPID == process)
    }
  }

  @Test("the session begins with its settings, in UTC")
  func sessionSettings() async throws {
    var settings = server.settings
    settings.applicationName = "a test"
    settings.session = ["jit": "off", "statement_timeout": "30s", "search_path": "x, \"a'b\""]
    let connection = try await Connection.connect(settings)
    for (name, value) in [
      ("jit", "off"), ("statement_timeout", "30s"), ("search_path", "x, \"a'b\""),
      ("TimeZone", "UTC"), ("application_name", "a test"), ("client_encoding", "UTF8"),
    ] {
      #expect(try await connection.value("SHOW \(name)") == value)
    }
    await connection.close()
  }

  @Test("a setting that the server does not know is an error before any work")
  func unknownSetting() async throws {
    var settings = server.settings
    settings.session = ["no_such_setting": "1"]
    let error = try await failure { _ = try await Connection.connect(settings) }
    #expect(error.code == .invalidSettings && error.nothingWasSent && !error.isRetryable)
    #expect(error.message.contains("no_such_setting"))
  }

  @Test(
    "a connection string that cannot be read is refused without repeating it",
    arguments: [
      "postgresql://me:canary@[::1", "host=/tmp password='canary", "canary=1 host=/tmp",
      "postgresql://me:canary@h:port%zz/db",
    ])
  func badConnectionString(conninfo: String) async throws {
    let settings = ConnectionSettings(conninfo)
    let error = try await failure { _ = try await Connection.connect(settings) }
    #expect(error.code == .invalidSettings && !error.isRetryable)
    #expect(!error.description.contains("canary"))
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(!(dumped + "\(settings)" + String(reflecting: settings)).contains("canary"))
  }

  @Test("DATABASE_URL is used where it is set")
  func databaseURL() async throws {
    let host = server.socketDirectory.split(separator: "/").joined(separator: "%2F")
    let settings = ConnectionSettings(
      environment: ["DATABASE_URL": "postgresql://backfill@%2F\(host)/template1"])
    let connection = try await Connection.connect(settings)
    #expect(connection.database == "template1")
    await connection.close()
  }

  @Test("a server that is not there, a database and a user unknown to it, each has its code")
  func connectFailures() async throws {
    let nobody = try await failure {
      _ = try await Connection.connect(ConnectionSettings("host=/tmp/no-such-directory"))
    }
    #expect(nobody.code == .connectFailed && nobody.sqlState == nil)
    #expect(nobody.isRetryable && nobody.nothingWasSent)
    let database = try await failure {
      _ = try await Connection.connect(ConnectionSettings(server.conninfo(database: "none")))
    }
    #expect(database.sqlState == "3D000" && !database.isRetryable)
    #expect(database.message.hasSuffix("FATAL: database \"none\" does not exist"))
    let user = try await failure {
      _ = try await Connection.connect(
        ConnectionSettings("host=\(server.socketDirectory) user=nobody_here dbname=backfill"))
    }
    #expect(user.sqlState == "28000" && !user.isRetryable)
  }

  @Test("a server that takes the connection and says nothing is given up in time")
  func silentServer() async throws {
    let silent = try SilentServer()
    let started = ContinuousClock.now
    let error = try await failure {
      _ = try await Connection.connect(ConnectionSettings(silent.conninfo + " connect_timeout=1"))
    }
    #expect(error.code == .connectTimedOut && error.isRetryable && error.nothingWasSent)
    #expect(ContinuousClock.now - started < .seconds(10))
  }

  @Test("a cancelled task stops connecting")
  func cancelledConnect() async throws {
    let silent = try SilentServer()
    let connecting = Task { try await Connection.connect(ConnectionSettings(silent.conninfo)) }
    try silent.awaitClient()
    connecting.cancel()
    let error = try await failure { _ = try await connecting.value }
    #expect(error.code == .cancelled && error.nothingWasSent)
  }

  @Test("a host that refuses gives way to the next one of the string")
  func nextHost() async throws {
    let connection = try await Connection.connect(
      ConnectionSettings(
        "host=/tmp/no-such-directory,\(server.socketDirectory) user=backfill dbname=backfill"))
    #expect(await connection.status == .idle)
    await connection.close()
  }

  @Test("a host that swallows every packet gives way to the next one of the string")
  func swallowingHost() async throws {
    let (listener, port) = try LoopbackSocket.listen(backlog: 0)
    let fillers = LoopbackSocket.fill(port: port)
    defer { (fillers + [listener]).forEach { close($0) } }
    let connection = try await Connection.connect(
      ConnectionSettings(
        """
        host=127.0.0.1,\(server.socketDirectory) port=\(port),5432 user=backfill dbname=backfill
        tcp_user_timeout=1000
        """))
    #expect(await connection.status == .idle)
    await connection.close()
  }

  @Test("notices go to the closure of the settings")
  func notices() async throws {
    let notices = Mutex<[ServerMessage]>([])
    var settings = server.settings
    settings.onNotice = { notice in notices.withLock { $0.append(notice) } }
    let connection = try await Connection.connect(settings)
    try await connection.execute("DO $$ BEGIN RAISE WARNING 'look out'; END $$")
    await connection.close()
    let notice = try #require(notices.withLock { $0 }.first)
    #expect(notice.severity == "WARNING" && notice.message == "look out")
    #expect(notice.sqlState == "01000")
  }

  @Test("a closed connection refuses, with nothing sent")
  func closed() async throws {
    let connection = try await server.connect()
    await connection.close()
    await connection.close()
    #expect(await connection.status == .closed)
    let error = try await failure { try await connection.execute("SELECT 1") }
    #expect(error.code == .connectionLost && error.nothingWasSent)
  }

  @Test("a connection that the server ended while it was idle refuses, with nothing sent")
  func endedWhileIdle() async throws {
    let connection = try await server.connect()
    try await server.withConnection { try await $0.terminate(connection) }
    let error = try await failure { try await connection.execute("SELECT 1") }
    #expect(error.code == .connectionLost && error.nothingWasSent && error.isRetryable)
    #expect(await connection.status == .closed)
  }

  @Test("a connection ended in a statement of its own leaves the outcome unknown")
  func endedInStatement() async throws {
    let connection = try await server.connect()
    let error = try await failure {
      try await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    }
    #expect(error.code == .connectionLost && error.effect == .unknown)
    #expect(error.sqlState == .adminShutdown && error.isRetryable)
  }

  @Test("several commands in one text are one transaction")
  func severalCommands() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE t (id int PRIMARY KEY)")
      let error = try await failure {
        try await connection.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)")
      }
      #expect(error.sqlState == .uniqueViolation)
      #expect(try await connection.value("SELECT count(*) FROM t", Int.self) == 0)
    }
  }

  @Test(
    "a COPY in the wrong place is an error, and the connection goes on",
    arguments: [
      "COPY (SELECT generate_series(1, 10000)) TO STDOUT",
      "CREATE TEMPORARY TABLE t (id int); COPY t FROM STDIN",
    ])
  func misplacedCopy(sql: String) async throws {
    try await server.withConnection { connection in
      let error = try await failure { try await connection.execute(sql) }
      #expect(error.code == .misuse)
      #expect(try await connection.value("SELECT 1", Int.self) == 1)
    }
  }

  @Test("calls of many tasks on one connection never mix their answers")
  func manyTasks() async throws {
    let echo = Statement<Int64, Int64>("echo", "SELECT $1")
    try await server.withConnection { connection in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<200 {
          group.addTask { try await connection.query(echo, Int64(number)) == [Int64(number)] }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test("a busy connection does not hold the cooperative pool")
  func poolStaysFree() async throws {
    try await server.withConnection { holder in
      try await holder.execute("SELECT pg_advisory_lock(77)")
      let waiters = (0..<8).map { _ in
        Task {
          try await server.withConnection {
            try await $0.execute("SELECT pg_advisory_lock_shared(77)")
          }
        }
      }
      try await eventually("eight statements wait at the server") {
        try await holder.value(
          "SELECT count(*) FROM pg_locks WHERE objid = 77 AND NOT granted", Int.self) == 8
      }
      try await holder.execute("SELECT pg_advisory_unlock(77)")
      for waiter in waiters { try await waiter.value }
    }
  }
}

import Cluster
import Postgres
import Synchronization
import Testing

@Suite struct PoolTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private func pool(_ connections: Int, patience: Duration = .seconds(20)) -> Pool {
    Pool(
      server.settings, PoolLimits(connections: connections, patience: patience),
      generator: SeededGenerator(seed: 1))
  }

  private let pid = Statement<Void, Int32>("pid", "SELECT pg_backend_pid()")

  /// Which connections are in somebody's hands, and how many ever were.
  private final class Ledger: Sendable {
    private let state = Mutex<(busy: Set<Int32>, seen: Set<Int32>)>(([], []))

    var count: Int { state.withLock { $0.seen.count } }

    func take(_ process: Int32) -> Bool {
      state.withLock { state in
        state.seen.insert(process)
        return state.busy.insert(process).inserted
      }
    }

    func giveBack(_ process: Int32) {
      state.withLock { _ = $0.busy.remove(process) }
    }
  }

  @Test("many tasks share few connections, each alone with its own")
  func sharing() async throws {
    let pool = pool(3)
    let ledger = Ledger()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<60 {
        group.addTask {
          try await pool.withConnection { connection in
            #expect(ledger.take(connection.backendPID))
            _ = try await connection.query(pid)
            ledger.giveBack(connection.backendPID)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect((1...3).contains(ledger.count))
    await pool.close()
  }

  @Test("a body's typed error comes out as it is")
  func typedErrors() async throws {
    let pool = pool(1)
    let error = try await failure {
      try await pool.withTransaction { connection throws(PostgresError) in
        try await connection.execute("SELECT 1/0")
      }
    }
    #expect(error.sqlState == "22012")
    let value = try await pool.withConnection { connection throws(PostgresError) in
      try await connection.query(pid).count
    }
    #expect(value == 1)
    await pool.close()
  }

  @Test("a connection that broke is replaced, whether in use or idle")
  func brokenConnections() async throws {
    let pool = pool(1)
    let first = try await pool.withConnection { connection in
      _ = try await failure {
        try await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
      }
      return connection.backendPID
    }
    let second = try await pool.withConnection { $0 }
    #expect(second.backendPID != first)
    try await server.withConnection { try await $0.terminate(second) }
    let third = try await pool.withConnection { connection in try await connection.query(pid) }
    #expect(third != [second.backendPID])
    await pool.close()
  }

  @Test("a connection that comes back inside a transaction is not handed on")
  func openTransaction() async throws {
    let pool = pool(1)
    let first = try await pool.withConnection { connection in
      try await connection.execute("BEGIN; CREATE TABLE left_open (id int)")
      return connection.backendPID
    }
    let second = try await pool.withConnection { connection in
      #expect(await connection.status == .idle)
      return connection.backendPID
    }
    #expect(first != second)
    await pool.close()
  }

  @Test("a waiter that is cancelled leaves the queue, and the pool goes on")
  func cancelledWaiter() async throws {
    let pool = pool(1)
    try await pool.withConnection { _ in
      let waiter = Task { try await pool.withConnection { _ in } }
      waiter.cancel()
      let error = try await failure { try await waiter.value }
      #expect(error.code == .cancelled && error.nothingWasSent)
    }
    try await pool.withConnection { connection in _ = try await connection.query(pid) }
    await pool.close()
  }

  @Test("whoever waits longer than the patience gets an error")
  func patience() async throws {
    let pool = pool(1, patience: .seconds(2))
    try await pool.withConnection { _ in
      let error = try await failure { try await pool.withConnection { _ in } }
      #expect(error.code == .poolTimedOut)
    }
    await pool.close()
  }

  @Test("while the server cannot be reached the pool knocks until patience ends, then says why")
  func outage() async throws {
    let pool = Pool(
      ConnectionSettings("host=/tmp/no-such-directory"),
      PoolLimits(connections: 2, patience: .seconds(3)),
      generator: SeededGenerator(seed: 1))
    let error = try await failure { try await pool.withConnection { _ in } }
    #expect(error.code == .connectFailed && error.isRetryable)
    await pool.close()
  }

  @Test("a closed pool refuses, closes what is idle, and takes back what is in use")
  func closing() async throws {
    let pool = pool(2)
    let kept = try await pool.withConnection { connection in
      let idle = try await pool.withConnection { $0 }
      await pool.close()
      #expect(await idle.status == .closed)
      #expect(await connection.status == .idle)
      let error = try await failure { try await pool.withConnection { _ in } }
      #expect(error.code == .poolClosed)
      return connection
    }
    #expect(await kept.status == .closed)
  }

  @Test("a server that is killed and comes back is used again, by who waits and by who comes")
  func killedServer() async throws {
    try await TemporaryCluster.with(settings: ["shared_buffers": "16MB"]) { cluster async throws in
      let pool = Pool(
        ConnectionSettings(cluster.connectionString), PoolLimits(connections: 2),
        generator: SeededGenerator(seed: 1))
      let before = try await pool.withConnection { connection in
        try cluster.kill()
        let error = try await failure {
          // The server's process notices its postmaster's death between two statements at most.
          while true { try await connection.execute("SELECT 1") }
        }
        #expect(error.code == .connectionLost && error.isRetryable)
        return connection.backendPID
      }
      let waiting = Task { try await pool.withConnection { try await $0.query(pid) } }
      try await cluster.revive()
      #expect(try await waiting.value.count == 1)
      let after = try await pool.withConnection { $0.backendPID }
      #expect(after != before)
      await pool.close()
    }
  }
}

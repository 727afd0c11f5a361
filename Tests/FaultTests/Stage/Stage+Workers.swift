import Cluster
import Domain
import Foundation
import Glibc
import Postgres
import Processes

extension Stage {
  /// Waits until a worker runs so many partitions.
  func running(_ count: Int, by worker: WorkerProcess) async throws {
    try await wait(for: "\(count) partitions of \(worker.name)") {
      try await holds("count(*) >= \(count) FROM backfill.partition p WHERE \(isOf(worker))")
    }
  }

  /// The condition on a partition `p` that it runs, and by this worker.
  func isOf(_ worker: WorkerProcess) -> String {
    "p.state = 'running' AND p.worker_id IN (\(registered(worker)))"
  }

  /// The numbers under which a worker registered.
  func registered(_ worker: WorkerProcess) -> String {
    "SELECT w.id FROM backfill.worker w WHERE w.name LIKE '%:\(worker.id)'"
  }

  /// The worker processes of the server that serve a worker, by number.
  func backends(of worker: WorkerProcess, where condition: String = "true") async throws -> [Int32]
  {
    try await column(
      """
      SELECT pid FROM pg_stat_activity
        WHERE application_name = '\(worker.name)' AND datname = current_database() AND \(condition)
      """)
  }

  /// Lends a session that holds the row of a partition, so that commits to it wait before they are
  /// judged; `body` gets it to let go.
  func holdingPartition<Value: Sendable>(
    _ condition: String, _ body: (_ letGo: () async throws -> Void) async throws -> Value
  ) async throws -> Value {
    let connection = try await Connection.connect(ConnectionSettings(conninfo))
    do {
      try await connection.execute(
        "BEGIN; SELECT FROM backfill.partition WHERE \(condition) FOR NO KEY UPDATE")
      let value = try await body { try await connection.execute("COMMIT") }
      await connection.close()
      return value
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Waits until a worker's commit waits for a partition's row.
  func commitWaits(of worker: WorkerProcess) async throws {
    try await wait(for: "a commit of \(worker.name) that waits for its partition") {
      try await holds(
        """
        count(*) > 0 FROM pg_stat_activity WHERE application_name = '\(worker.name)'
          AND query LIKE '/* commitBatch%' AND wait_event_type = 'Lock'
        """)
    }
  }

  /// Waits until a worker holds no partition by a live lease.
  func leasesRanOut(of worker: WorkerProcess) async throws {
    try await wait(for: "the end of the leases of \(worker.name)") {
      try await holds(
        """
        count(*) = 0 FROM backfill.partition p
          WHERE \(isOf(worker)) AND p.lease_until > clock_timestamp()
        """)
    }
  }

  /// Waits until no partition is held by a live lease.
  func leasesRanOut() async throws {
    try await wait(for: "the end of all leases") {
      try await holds(
        """
        count(*) = 0 FROM backfill.partition
          WHERE state = 'running' AND lease_until > clock_timestamp()
        """)
    }
  }

  /// Kills the server and returns once it is gone.
  func killServer() async throws {
    let file = "\(cluster.home)/cluster/data/postmaster.pid"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let id = Int32(text.prefix { $0.isNumber }) ?? 0
    try cluster.kill()
    try await wait(for: "the end of the server") { Glibc.kill(id, 0) != 0 }
  }
}

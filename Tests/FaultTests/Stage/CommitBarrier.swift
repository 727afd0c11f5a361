import Postgres

/// Stops commits inside their transaction, just before the row that ends them, for as long as a
/// test wants: so that a fault surely falls into a commit.
///
/// Commits pass a lock that they share; the test takes it alone.
struct CommitBarrier: Sendable {
  private static let key = 4_711
  private let connection: Connection
  private let stage: Stage

  /// Puts the barrier, open, in the way of commits.
  static func put(on stage: Stage) async throws -> CommitBarrier {
    try await stage.execute(
      """
      CREATE OR REPLACE FUNCTION pass_barrier() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock_shared(\(key)); RETURN NEW; END $$;
      CREATE OR REPLACE TRIGGER barrier BEFORE INSERT ON backfill.batch
        FOR EACH ROW EXECUTE FUNCTION pass_barrier();
      """)
    let connection = try await Connection.connect(ConnectionSettings(stage.conninfo))
    return CommitBarrier(connection: connection, stage: stage)
  }

  /// Lets no commit end from now on.
  func close() async throws {
    try await connection.execute("SELECT pg_advisory_lock(\(Self.key))")
  }

  /// Lets commits end again.
  func open() async throws {
    try await connection.execute("SELECT pg_advisory_unlock_all()")
  }

  /// Waits until a worker stands at the barrier: inside a transaction that has written its batch.
  func reached(by worker: WorkerProcess) async throws {
    try await wait(for: "a commit of \(worker.name) at the barrier") {
      try await stage.holds(
        """
        count(*) > 0 FROM pg_stat_activity
          WHERE application_name = '\(worker.name)' AND wait_event = 'advisory'
        """)
    }
  }

  /// Ends the barrier's own connection.
  func remove() async {
    await connection.close()
  }
}

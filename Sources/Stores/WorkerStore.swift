public import Domain
public import Postgres

/// The register of worker processes.
public struct WorkerStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Registers a process that begins to work.
  public func registerWorker(
    name: String, version: String, concurrency: Int
  ) async throws(PostgresError) -> WorkerID {
    let rows = try await pool.query(Self.register, (name, version, Int32(clamping: concurrency)))
    guard let id = rows.first else {
      throw PostgresError.unexpectedAnswer(to: "registerWorker", "gave no row")
    }
    return WorkerID(rawValue: id)
  }

  /// Says that a worker is alive while it holds nothing.
  public func touchWorker(_ worker: WorkerID) async throws(PostgresError) {
    _ = try await pool.query(Self.touch, (worker.rawValue))
  }

  /// Notes that a worker has stopped.
  public func retireWorker(_ worker: WorkerID) async throws(PostgresError) {
    _ = try await pool.query(Self.retire, (worker.rawValue))
  }

  /// The workers that were heard of within so many seconds, or all that are remembered.
  public func listWorkers(heardWithin seconds: Double?) async throws(PostgresError) -> [WorkerRow] {
    try await pool.query(Self.list, (seconds))
  }

  static let register = Statement<(String, String, Int32), Int64>(
    "registerWorker",
    "INSERT INTO backfill.worker (name, version, concurrency) VALUES ($1, $2, $3) RETURNING id")

  static let touch = Statement<Int64, Int64>(
    "touchWorker",
    "UPDATE backfill.worker SET heartbeat_at = clock_timestamp() WHERE id = $1 RETURNING id")

  static let retire = Statement<Int64, Int64>(
    "retireWorker",
    "UPDATE backfill.worker SET stopped_at = clock_timestamp() WHERE id = $1 RETURNING id")

  static let list = Statement<Double?, WorkerRow>(
    "listWorkers",
    """
    SELECT w.id, w.name, w.version, w.concurrency, w.started_at, w.heartbeat_at, w.stopped_at,
        extract(epoch FROM clock_timestamp() - w.heartbeat_at)::float8, coalesce(running.count, 0)
      FROM backfill.worker w
      LEFT JOIN (
        SELECT p.worker_id, count(*) FROM backfill.lane l
          JOIN backfill.partition p ON p.backfill_id = l.backfill_id
          WHERE p.state = 'running' AND p.claimed_at >= l.running_frontier
          GROUP BY p.worker_id
      ) AS running ON running.worker_id = w.id
      WHERE $1::float8 IS NULL
        OR (w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - make_interval(secs => $1))
      ORDER BY w.id
    """,
    parameters: { seconds, parameters in try parameters.append(seconds) }
  ) { row in try WorkerRow(&row) }
}

/// A worker process as it is registered.
public struct WorkerRow: Hashable, Sendable {
  /// Its number.
  public var id: WorkerID
  /// Host and process, such as `etl-2:4711`.
  public var name: String
  /// The program's version.
  public var version: String
  /// How many partitions it runs at once.
  public var concurrency: Int32
  /// Since when.
  public var startedAt: Instant
  /// When it was last heard of.
  public var heartbeatAt: Instant
  /// When it stopped by itself; nil while it runs or where it died.
  public var stoppedAt: Instant?
  /// Seconds since it was last heard of.
  public var silence: Double
  /// How many partitions it holds.
  public var running: Int64

  init(_ row: inout RowReader) throws(PostgresError) {
    id = WorkerID(rawValue: try row.read())
    name = try row.read()
    version = try row.read()
    concurrency = try row.read()
    startedAt = Instant(try row.read())
    heartbeatAt = Instant(try row.read())
    stoppedAt = try row.read(Timestamp?.self).map(Instant.init)
    silence = try row.read()
    running = try row.read()
  }
}

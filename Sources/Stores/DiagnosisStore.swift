public import Postgres

/// Reads what tells whether the database is fit to keep what it is given.
public struct DiagnosisStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// The server's settings and what goes on in it.
  public func findServer() async throws(PostgresError) -> ServerFacts {
    guard let facts = try await pool.query(Self.server).first else {
      throw PostgresError.unexpectedAnswer(to: "findServer", "gave no row")
    }
    return facts
  }

  /// The longest transaction of the database that is still open; nil without any.
  public func findOldestTransaction() async throws(PostgresError) -> OpenTransaction? {
    try await pool.query(Self.oldestTransaction).first
  }

  /// Rows of the program's tables, living and dead, those with the most dead ones first.
  public func listTables() async throws(PostgresError) -> [TableFacts] {
    try await pool.query(Self.tables)
  }

  static let server = Statement<(), ServerFacts>(
    "findServer",
    """
    SELECT current_setting('server_version'), current_setting('fsync')::boolean,
        current_setting('full_page_writes')::boolean, current_setting('autovacuum')::boolean,
        current_setting('synchronous_commit'), current_setting('max_connections')::int,
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
        (SELECT count(*) FROM pg_prepared_xacts
          WHERE prepared < clock_timestamp() - interval '1 hour'),
        greatest(
          (SELECT max(age(backend_xmin)) FROM pg_stat_activity),
          (SELECT max(greatest(age(xmin), age(catalog_xmin))) FROM pg_replication_slots), 0),
        (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()),
        pg_database_size(current_database()),
        (SELECT extract(epoch FROM clock_timestamp() - min(committed_at))::float8
          FROM (SELECT committed_at FROM backfill.tally ORDER BY id LIMIT 1) AS first),
        (SELECT failure FROM backfill.sequencer),
        CASE WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE') THEN current_user::text END
    """
  ) { row in
    ServerFacts(
      version: try row.read(), hasFsync: try row.read(), hasFullPageWrites: try row.read(),
      hasAutovacuum: try row.read(), synchronousCommit: try row.read(),
      connectionLimit: try row.read(), connections: try row.read(),
      oldPreparedTransactions: try row.read(), heldTransactions: Int64(try row.read(Int32.self)),
      transactionsSinceFreeze: Int64(try row.read(Int32.self)), bytes: try row.read(),
      secondsUnfolded: try row.read(), foldFailure: try row.read(), blindUser: try row.read())
  }

  static let oldestTransaction = Statement<(), OpenTransaction>(
    "findOldestTransaction",
    """
    SELECT a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'unknown'),
        extract(epoch FROM clock_timestamp() - a.xact_start)::float8
      FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.xact_start IS NOT NULL
        AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
      ORDER BY a.xact_start LIMIT 1
    """
  ) { row in
    OpenTransaction(process: try row.read(), application: try row.read(), seconds: try row.read())
  }

  static let tables = Statement<(), TableFacts>(
    "listTables",
    """
    SELECT relname::text, n_live_tup, n_dead_tup FROM pg_stat_user_tables
      WHERE schemaname = 'backfill' ORDER BY n_dead_tup DESC, relname
    """
  ) { row in TableFacts(name: try row.read(), rows: try row.read(), deadRows: try row.read()) }
}

/// A server's settings and what goes on in it.
public struct ServerFacts: Hashable, Sendable {
  /// Its version.
  public var version: String
  /// Whether it waits for the disk.
  public var hasFsync: Bool
  /// Whether a torn page can be mended after a crash.
  public var hasFullPageWrites: Bool
  /// Whether dead rows are cleared away by themselves.
  public var hasAutovacuum: Bool
  /// How long a commit waits, by the setting's own word.
  public var synchronousCommit: String
  /// How many connections it takes.
  public var connectionLimit: Int32
  /// How many there are.
  public var connections: Int64
  /// Prepared transactions that nobody ended for an hour.
  public var oldPreparedTransactions: Int64
  /// How many transactions ago the oldest snapshot was taken that somebody still holds.
  public var heldTransactions: Int64
  /// How many transactions ago the database was frozen; near two thousand million it stops.
  public var transactionsSinceFreeze: Int64
  /// The size of the database.
  public var bytes: Int64
  /// How long what was committed waits to be folded into counters; nil when nothing does.
  public var secondsUnfolded: Double?
  /// Why the last attempt to fold it failed; nil after one that went well.
  public var foldFailure: String?
  /// The user of this session where it may not see what the sessions of others do; nil where it may.
  public var blindUser: String?

  /// Facts of a server.
  public init(
    version: String, hasFsync: Bool, hasFullPageWrites: Bool, hasAutovacuum: Bool,
    synchronousCommit: String, connectionLimit: Int32, connections: Int64,
    oldPreparedTransactions: Int64, heldTransactions: Int64, transactionsSinceFreeze: Int64,
    bytes: Int64, secondsUnfolded: Double?, foldFailure: String? = nil, blindUser: String? = nil
  ) {
    self.version = version
    self.hasFsync = hasFsync
    self.hasFullPageWrites = hasFullPageWrites
    self.hasAutovacuum = hasAutovacuum
    self.synchronousCommit = synchronousCommit
    self.connectionLimit = connectionLimit
    self.connections = connections
    self.oldPreparedTransactions = oldPreparedTransactions
    self.heldTransactions = heldTransactions
    self.transactionsSinceFreeze = transactionsSinceFreeze
    self.bytes = bytes
    self.secondsUnfolded = secondsUnfolded
    self.foldFailure = foldFailure
    self.blindUser = blindUser
  }
}

/// A transaction that is still open.
public struct OpenTransaction: Hashable, Sendable {
  /// The server's process.
  public var process: Int32
  /// Who holds it, as far as that is known.
  public var application: String
  /// For how long.
  public var seconds: Double

  /// An open transaction.
  public init(process: Int32, application: String, seconds: Double) {
    self.process = process
    self.application = application
    self.seconds = seconds
  }
}

/// How many rows a table has, as the server last counted.
public struct TableFacts: Hashable, Sendable {
  /// The table.
  public var name: String
  /// Living rows.
  public var rows: Int64
  /// Dead rows that were not cleared away yet.
  public var deadRows: Int64

  /// Facts of a table.
  public init(name: String, rows: Int64, deadRows: Int64) {
    self.name = name
    self.rows = rows
    self.deadRows = deadRows
  }
}

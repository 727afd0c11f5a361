import Cluster
import Migrations
import Postgres
import Stores

/// The database that a command works on, connected to and fit for this program.
struct Database: Sendable {
  /// Connections for the command.
  let pool: Pool
  /// How connections of other kinds are made.
  let settings: ConnectionSettings
  /// The private cluster, where the database is in it.
  let cluster: Cluster?
}

/// Where the database is.
enum DatabasePlace: Sendable {
  /// Where a connection string says; empty where the `PG*` variables do.
  case server(String)
  /// In the private cluster.
  case privateCluster

  /// The place that the command line or the environment names; with neither the private cluster.
  init(option: String?, environment: [String: String]) {
    if let option {
      self = .server(option)
    } else if let url = environment["DATABASE_URL"], !url.isEmpty {
      self = .server(url)
    } else if Self.variables.contains(where: { !(environment[$0] ?? "").isEmpty }) {
      self = .server("")
    } else {
      self = .privateCluster
    }
  }

  /// The variables that name a server or a database; a user or a password alone names none.
  private static let variables = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"]
}

extension Program {
  /// How the schema must be for a command.
  enum SchemaDemand {
    /// It must fit; on the private cluster it is made to.
    case fitting
    /// However it is.
    case any
  }

  /// Lends the database to `body`, with a pool of so many connections.
  nonisolated(nonsending) func withDatabase<Value>(
    connections: Int = 2, schema: SchemaDemand = .fitting,
    _ body: nonisolated(nonsending) (Database) async throws -> Value
  ) async throws -> Value {
    switch DatabasePlace(option: databaseURL, environment: world.environment) {
    case .server(let url):
      return try await withDatabase(url, nil, connections, schema, body)
    case .privateCluster:
      let configuration = ClusterConfiguration(
        home: world.home, path: world.environment["PATH"])
      return try await Cluster.withCluster(configuration) { cluster in
        try await withDatabase(cluster.connectionString, cluster, connections, schema, body)
      }
    }
  }

  private nonisolated(nonsending) func withDatabase<Value>(
    _ url: String, _ cluster: Cluster?, _ connections: Int, _ schema: SchemaDemand,
    _ body: nonisolated(nonsending) (Database) async throws -> Value
  ) async throws -> Value {
    let errors = world.errors
    let settings = ConnectionSettings(
      url, applicationName: Program.name, session: Self.sessionSettings,
      onNotice: { errors.remark("\(Program.name): the database says: \($0.message)") })
    try settings.validate()
    try await meet(settings, schema, isPrivate: cluster != nil)
    let pool = Pool(
      settings, PoolLimits(connections: connections, backoff: Self.reconnecting),
      generator: world.randomness)
    let result: Result<Value, any Error>
    do {
      result = .success(
        try await body(Database(pool: pool, settings: settings, cluster: cluster)))
    } catch {
      result = .failure(error)
    }
    await pool.close()
    return try result.get()
  }

  /// Bounds that no statement of ours comes near, so that nothing waits or locks for ever; and
  /// without compilation of plans, which costs more than it gains here.
  private static let sessionSettings = StoreSession.settings.merging([
    "client_min_messages": "warning", "statement_timeout": "60s", "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "10s",
  ]) { _, own in own }

  /// How often a server that went away is looked for: often enough that it is found well within a
  /// lease, and seldom enough that all the workers of a fleet together do not keep it busy.
  static let reconnecting = Postgres.Backoff(cap: .seconds(2))

  /// The first connection, so that a server that cannot be reached is told of at once.
  private func meet(
    _ settings: ConnectionSettings, _ schema: SchemaDemand, isPrivate: Bool
  ) async throws {
    let connection = try await Connection.connect(settings)
    if case .fitting = schema { try await fit(connection, isPrivate: isPrivate) }
    await connection.close()
  }

  private func fit(_ connection: Connection, isPrivate: Bool) async throws {
    let migrator = Migrator()
    if isPrivate { _ = try await migrator.migrate(on: connection) }
    let status = try await migrator.status(on: connection)
    if let mismatch = status.mismatch { throw Failure(.schemaMismatch, mismatch.message) }
  }
}

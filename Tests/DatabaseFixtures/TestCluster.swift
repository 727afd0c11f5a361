import Cluster
import Migrations
import Postgres

/// The PostgreSQL of this test process: started by the first test that needs it, gone with the
/// process, however it ends.
actor TestCluster {
  static let shared = TestCluster()
  /// The database of which every other is a copy.
  static let template = "migrated"

  private var starting: Task<TemporaryCluster, any Error>?
  private var count = 0

  /// The way in to the cluster's first database.
  func connectionString() async throws -> String {
    try await started().connectionString
  }

  /// Makes a database: a copy of the migrated one, or an empty one.
  func makeDatabase(isMigrated: Bool) async throws -> String {
    count += 1
    let name = "test\(count)"
    try await run(
      "CREATE DATABASE \(name) TEMPLATE \(isMigrated ? Self.template : "template0")")
    return name
  }

  /// Removes a database, whoever is still connected to it.
  func dropDatabase(_ name: String) async throws {
    try await run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
  }

  private func run(_ sql: String) async throws {
    let connection = try await Connection.connect(ConnectionSettings(connectionString()))
    do {
      try await connection.execute(sql)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  private func started() async throws -> TemporaryCluster {
    if let starting { return try await starting.value }
    let task = Task { try await Self.start() }
    starting = task
    return try await task.value
  }

  /// Autovacuum is off: what a test says of plans, dead rows and transaction ids must not depend on
  /// when it came by.
  private static func start() async throws -> TemporaryCluster {
    let cluster = try await TemporaryCluster.start(settings: [
      "autovacuum": "off", "deadlock_timeout": "100ms", "max_connections": "300",
      "shared_buffers": "256MB",
    ])
    let connection = try await Connection.connect(ConnectionSettings(cluster.connectionString))
    try await connection.execute("CREATE DATABASE \(template) TEMPLATE template0")
    await connection.close()
    let migrating = try await Connection.connect(
      ConnectionSettings("\(cluster.connectionString) dbname=\(template)"))
    _ = try await Migrator().migrate(on: migrating)
    await migrating.close()
    return cluster
  }
}

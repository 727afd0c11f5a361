import Cluster
import Postgres

/// The PostgreSQL that the tests of this process share; gone when the process is.
struct TestServer: Sendable {
  private static let starting = Task { try await TestServer() }

  private let cluster: TemporaryCluster
  let socketDirectory: String

  /// The server, started where it is not yet.
  static func shared() async throws -> TestServer { try await starting.value }

  private init() async throws {
    cluster = try await TemporaryCluster.start(
      settings: ["shared_buffers": "32MB", "max_connections": "200"])
    let connection = try await Connection.connect(ConnectionSettings(cluster.connectionString))
    socketDirectory = try await connection.value("SHOW unix_socket_directories")
    await connection.close()
  }

  /// Where the server listens, as a connection string.
  func conninfo(database: String = "backfill") -> String {
    "host=\(socketDirectory) user=backfill dbname=\(database)"
  }

  var settings: ConnectionSettings { ConnectionSettings(conninfo()) }

  func connect() async throws -> Connection { try await .connect(settings) }
}

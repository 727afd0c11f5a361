public import Postgres

/// A database that one test has to itself.
public struct Database: Sendable {
  /// Its name.
  public let name: String
  /// The way in, for libpq.
  public let connectionString: String

  /// A database that is somebody else's to make and to drop.
  public init(name: String, connectionString: String) {
    self.name = name
    self.connectionString = connectionString
  }

  private static let gate = Gate(width: 4)

  /// Lends a new database to `body`: a copy of the migrated one, or an empty one.
  public static func with<Value>(
    isMigrated: Bool = true, _ body: (Database) async throws -> Value
  ) async throws -> Value {
    await gate.enter()
    let result: Result<Value, any Error>
    do {
      let name = try await TestCluster.shared.makeDatabase(isMigrated: isMigrated)
      let way = try await TestCluster.shared.connectionString()
      let database = Database(name: name, connectionString: "\(way) dbname=\(name)")
      do {
        result = .success(try await body(database))
      } catch {
        result = .failure(error)
      }
      try await TestCluster.shared.dropDatabase(name)
    } catch {
      await gate.leave()
      throw error
    }
    await gate.leave()
    return try result.get()
  }

  /// Settings to connect with; a statement that hangs is given up.
  public func settings(
    _ session: [String: String] = [:], onNotice: (@Sendable (ServerMessage) -> Void)? = nil
  ) -> ConnectionSettings {
    ConnectionSettings(
      connectionString, applicationName: "test",
      session: session.merging(["statement_timeout": "120s"]) { own, _ in own },
      onNotice: onNotice)
  }

  /// Lends a connection to `body`.
  public func withConnection<Value>(
    _ session: [String: String] = [:], onNotice: (@Sendable (ServerMessage) -> Void)? = nil,
    _ body: (Connection) async throws -> Value
  ) async throws -> Value {
    let connection = try await Connection.connect(settings(session, onNotice: onNotice))
    do {
      let value = try await body(connection)
      await connection.close()
      return value
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Lends a pool to `body`.
  public func withPool<Value>(
    connections: Int = 4, _ session: [String: String] = [:],
    onNotice: (@Sendable (ServerMessage) -> Void)? = nil, _ body: (Pool) async throws -> Value
  ) async throws -> Value {
    let pool = Pool(
      settings(session, onNotice: onNotice), PoolLimits(connections: connections),
      generator: SeededGenerator(seed: 1))
    do {
      let value = try await body(pool)
      await pool.close()
      return value
    } catch {
      await pool.close()
      throw error
    }
  }
}

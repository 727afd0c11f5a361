public import Postgres

/// Brings the schema to what this program needs, forward only.
public struct Migrator: Sendable {
  /// How the schema and this program fit.
  public struct Status: Sendable {
    /// A migration that was applied.
    public struct Applied: Hashable, Sendable {
      /// Its number.
      public var version: Int
      /// Its name.
      public var name: String
      /// The checksum of its SQL when it was applied.
      public var checksum: String
      /// Whether programs that do not know it must not go on.
      public var isBreaking: Bool
    }

    /// What was applied, in order; more than this program knows when the schema is newer.
    public var applied: [Applied]
    /// What this program has and the schema has not.
    public var pending: [Migration]
    /// The version that this program knows last.
    public var known: Int

    /// Why the program cannot work on this schema; nil when it can.
    public var mismatch: SchemaMismatch? {
      if let breaking = applied.first(where: { $0.version > known && $0.isBreaking }) {
        return .newer(breaking.version, known: known)
      }
      return pending.isEmpty ? nil : .older(applied.last?.version ?? 0, known: known)
    }
  }

  private let migrations: [Migration]

  /// A migrator for the migrations of this program.
  public init(migrations: [Migration] = Migration.all) {
    self.migrations = migrations
  }

  /// How the schema and this program fit; a schema whose past differs from the program's is an error.
  public func status(on connection: Connection) async throws(MigrationError) -> Status {
    do {
      return try compare(await applied(on: connection))
    } catch let error as PostgresError {
      throw .database(error)
    } catch let error as MigrationError {
      throw error
    } catch {
      throw .unexpected("\(error)")
    }
  }

  /// Applies what is pending, one transaction each; gives what was applied.
  ///
  /// Processes that migrate at once wait for each other and then find nothing to do. The row is
  /// written before the SQL runs, so that a second one clashes at once.
  public func migrate(on connection: Connection) async throws(MigrationError) -> [Migration] {
    var done: [Migration] = []
    do {
      try await connection.execute(Self.bootstrap)
    } catch {
      throw .database(error)
    }
    for migration in try await status(on: connection).pending {
      do throws(PostgresError) {
        if try await apply(migration, on: connection) { done.append(migration) }
      } catch {
        throw .failed(migration, error)
      }
    }
    // Whoever was first may have applied another migration of the same number.
    _ = try await status(on: connection)
    return done
  }

  private func applied(on connection: Connection) async throws -> [Status.Applied] {
    let exists = try await connection.query(Self.tableExists, ())
    guard exists.first == true else { return [] }
    return try await connection.query(Self.listApplied, ())
  }

  private func compare(_ applied: [Status.Applied]) throws(MigrationError) -> Status {
    for row in applied {
      guard let mine = migrations.first(where: { $0.version == row.version }) else { continue }
      guard mine.checksum == row.checksum else { throw .changed(row.version, row.name) }
    }
    let versions = Set(applied.map(\.version))
    return Status(
      applied: applied, pending: migrations.filter { !versions.contains($0.version) },
      known: migrations.map(\.version).max() ?? 0)
  }

  private func apply(
    _ migration: Migration, on connection: Connection
  ) async throws(PostgresError) -> Bool {
    try await connection.transaction { connection throws(PostgresError) in
      _ = try await connection.query(Self.lock, (Self.lockNumber))
      let inserted = try await connection.query(
        Self.record,
        (Int32(migration.version), migration.name, migration.checksum, migration.isBreaking))
      guard !inserted.isEmpty else { return false }
      try await connection.execute(migration.sql)
      return true
    }
  }

  /// "backfill" and a number, so that other programs of the database do not take the same lock.
  private static let lockNumber: Int64 = 0x6261_636B_0000_0001

  private static let bootstrap = """
    SET client_min_messages = warning;
    SELECT pg_advisory_xact_lock(\(lockNumber));
    CREATE SCHEMA IF NOT EXISTS backfill;
    CREATE TABLE IF NOT EXISTS backfill.migration (
      version     int NOT NULL,
      name        text NOT NULL,
      checksum    text NOT NULL,
      breaking    boolean NOT NULL,
      applied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
      CONSTRAINT migration_pkey PRIMARY KEY (version)
    );
    """

  private static let tableExists = Statement<(), Bool>(
    "migrationTableExists", "SELECT to_regclass('backfill.migration') IS NOT NULL"
  ) { row in try row.read() }

  private static let listApplied = Statement<(), Status.Applied>(
    "listMigrations",
    "SELECT version, name, checksum, breaking FROM backfill.migration ORDER BY version"
  ) { row in
    Status.Applied(
      version: Int(try row.read(Int32.self)), name: try row.read(), checksum: try row.read(),
      isBreaking: try row.read())
  }

  private static let lock = Statement<Int64, Bool>(
    "lockMigrations", "SELECT pg_advisory_xact_lock($1) IS NOT NULL")

  private static let record = Statement<(Int32, String, String, Bool), Int32>(
    "recordMigration",
    """
    INSERT INTO backfill.migration (version, name, checksum, breaking) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING RETURNING version
    """)
}

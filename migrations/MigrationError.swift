public import Postgres

/// Why the schema could not be brought to what the program needs.
public enum MigrationError: Error, Sendable {
  /// The database did not answer as it should.
  case database(PostgresError)
  /// A migration failed; it left nothing behind.
  case failed(Migration, PostgresError)
  /// A migration that was applied is not the one of that number in this program.
  case changed(Int, String)
  /// Something else.
  case unexpected(String)

  /// One sentence for people.
  public var message: String {
    switch self {
    case .database(let error): error.description
    case .failed(let migration, let error):
      "Migration \(migration.version) (\(migration.name)) failed and left nothing behind: \(error)"
    case .changed(let version, let name):
      "Migration \(version) (\(name)) was applied in another form than this program has; use the "
        + "program that belongs to this database."
    case .unexpected(let text): text
    }
  }
}

/// Why a program cannot work on a schema.
public enum SchemaMismatch: Hashable, Sendable {
  /// The schema is older than the program.
  case older(Int, known: Int)
  /// The schema was changed in a way that this program does not understand.
  case newer(Int, known: Int)

  /// One sentence for people.
  public var message: String {
    switch self {
    case .older(let version, let known):
      "The database's schema is at version \(version) and this program needs \(known); "
        + "run: backfill migrate"
    case .newer(let version, let known):
      "The database's schema has the breaking change \(version), and this program knows the schema "
        + "up to \(known); use a newer backfill."
    }
  }
}

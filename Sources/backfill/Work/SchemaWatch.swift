import Migrations
import Postgres

/// Notices while a program works that the schema was changed in a way it does not understand.
struct SchemaWatch: Sendable {
  /// How often is looked, in seconds.
  private static let pause = 5.0

  let pool: Pool

  /// Returns once the schema does not fit any more; nil when the task is cancelled before.
  func mismatch() async -> SchemaMismatch? {
    while !Task.isCancelled {
      if let found = await look() { return found }
      do { try await Task.sleep(for: .seconds(Self.pause)) } catch { return nil }
    }
    return nil
  }

  /// Nil as well while the database does not answer: then nothing is written to it either.
  private func look() async -> SchemaMismatch? {
    do {
      return try await pool.withConnection { connection in
        try await Migrator().status(on: connection).mismatch
      }
    } catch {
      return nil
    }
  }
}

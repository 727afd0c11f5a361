import DatabaseFixtures
import Migrations
import Postgres
import Testing

@Suite("The migrator")
struct MigratorTests {
  @Test("brings an empty database to the last version, and has nothing to do then")
  func fromNothing() async throws {
    try await Database.with(isMigrated: false) { database in
      try await database.withConnection { connection in
        let before = try await Migrator().status(on: connection)
        #expect(before.applied.isEmpty)
        #expect(before.mismatch == .older(0, known: Migration.all.count))
        let done = try await Migrator().migrate(on: connection)
        #expect(done == Migration.all)
        let after = try await Migrator().status(on: connection)
        #expect(after.pending.isEmpty)
        #expect(after.mismatch == nil)
        #expect(after.applied.map(\.version) == Array(1...Migration.all.count))
        let schema = try await Schema.read(from: connection)
        #expect(try await Migrator().migrate(on: connection).isEmpty)
        #expect(try await Schema.read(from: connection) == schema)
      }
    }
  }

  @Test("two at once wait for each other, and each migration is applied once")
  func atOnce() async throws {
    try await Database.with(isMigrated: false) { database in
      let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
        for _ in 0..<4 {
          group.addTask {
            try await database.withConnection { connection in
              try await Migrator().migrate(on: connection).map(\.version)
            }
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(applied.sorted() == Array(1...Migration.all.count))
    }
  }

  @Test("a server process that dies inside a migration leaves nothing of it, and the next goes on")
  func interrupted() async throws {
    try await Database.with(isMigrated: false) { database in
      // Every migration in turn dies behind its last command.
      for broken in Migration.all {
        let version = broken.version
        let migrations =
          Migration.all.prefix(version - 1) + [
            Migration(
              version: version, name: broken.name,
              sql: broken.sql + "\n;SELECT pg_terminate_backend(pg_backend_pid());")
          ]
        await #expect(throws: MigrationError.self) {
          try await database.withConnection { connection in
            _ = try await Migrator(migrations: Array(migrations)).migrate(on: connection)
          }
        }
        try await database.withConnection { connection in
          let status = try await Migrator().status(on: connection)
          #expect(status.applied.map(\.version) == Array(1..<version))
        }
      }
      let resumed = try await database.withConnection { connection in
        _ = try await Migrator().migrate(on: connection)
        return try await Schema.read(from: connection)
      }
      let whole = try await Database.with { database in
        try await database.withConnection { connection in
          try await Schema.read(from: connection)
        }
      }
      #expect(resumed == whole)
    }
  }

  @Test("a migration that fails is named, and leaves nothing")
  func failing() async throws {
    try await Database.with(isMigrated: false) { database in
      try await database.withConnection { connection in
        let bad = Migration(
          version: 1, name: "bad", sql: "CREATE TABLE backfill.here (); SELECT 1 / 0")
        let error = await #expect(throws: MigrationError.self) {
          _ = try await Migrator(migrations: [bad]).migrate(on: connection)
        }
        let message = error?.message ?? ""
        #expect(message.hasPrefix("Migration 1 (bad) failed and left nothing behind: "))
        let isGone = try await connection.value(
          "SELECT to_regclass('backfill.here') IS NULL", Bool.self)
        #expect(isGone)
        let rows = try await connection.value(
          "SELECT count(*) FROM backfill.migration", Int64.self)
        #expect(rows == 0)
      }
    }
  }

  @Test("a migration that was applied in another form is refused, by status and by migrate")
  func changed() async throws {
    try await Database.with { database in
      try await database.withConnection { connection in
        try await connection.execute(
          "UPDATE backfill.migration SET checksum = repeat('0', 64) WHERE version = 2")
        for _ in 0..<2 {
          let error = await #expect(throws: MigrationError.self) {
            _ = try await Migrator().migrate(on: connection)
          }
          guard case .changed(2, "partitions") = error else {
            Issue.record("another error: \(error?.message ?? "none")")
            return
          }
        }
      }
    }
  }

  @Test("of two programs that bring another migration of one number, the later is refused")
  func rivals() async throws {
    try await Database.with { database in
      try await database.withConnection { holder in
        let next = Migration.all.count + 1
        let mine = Migration(version: next, name: "mine", sql: "SELECT 1")
        try await holder.execute("BEGIN")
        try await holder.execute(
          """
          INSERT INTO backfill.migration (version, name, checksum, breaking)
            VALUES (\(next), 'theirs', repeat('f', 64), false)
          """)
        async let outcome: Result<[Migration], any Error> = {
          do {
            return .success(
              try await database.withConnection { connection in
                try await Migrator(migrations: Migration.all + [mine]).migrate(on: connection)
              })
          } catch {
            return .failure(error)
          }
        }()
        let waits = try await eventually {
          try await database.withConnection { connection in
            try await connection.value(
              """
              SELECT count(*) > 0 FROM pg_locks
                JOIN pg_stat_activity a USING (pid)
                WHERE NOT granted AND a.datname = current_database()
              """, Bool.self)
          }
        }
        #expect(waits)
        try await holder.execute("COMMIT")
        guard case .failure(MigrationError.changed(next, "theirs")) = await outcome else {
          Issue.record("the clash went unnoticed")
          return
        }
      }
    }
  }

  @Test("an older program goes on beside a newer schema, unless a migration is marked breaking")
  func newer() async throws {
    try await Database.with { database in
      try await database.withConnection { connection in
        let next = Migration.all.count + 1
        let mild = Migration(version: next, name: "mild", sql: "-- mild\n-- breaking: no\nSELECT 1")
        let hard = Migration(
          version: next + 1, name: "hard", sql: "-- hard\n-- breaking: yes\nSELECT 1")
        #expect(!mild.isBreaking && hard.isBreaking)
        _ = try await Migrator(migrations: Migration.all + [mild]).migrate(on: connection)
        #expect(try await Migrator().status(on: connection).mismatch == nil)
        #expect(try await Migrator().migrate(on: connection).isEmpty)
        _ = try await Migrator(migrations: Migration.all + [mild, hard]).migrate(on: connection)
        #expect(
          try await Migrator().status(on: connection).mismatch
            == .newer(next + 1, known: Migration.all.count))
        // A program that knows it goes on.
        let knowing = Migrator(migrations: Migration.all + [mild, hard])
        #expect(try await knowing.status(on: connection).mismatch == nil)
      }
    }
  }

  @Test("the numbers of the migrations are those of their files, without a gap")
  func numbering() {
    #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
    for migration in Migration.all {
      #expect(
        migration.sql.contains("\n-- breaking: yes\n")
          != migration.sql.contains("\n-- breaking: no\n"),
        "\(migration.name) does not say whether it is breaking")
    }
  }
}

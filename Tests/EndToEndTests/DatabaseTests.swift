import DatabaseFixtures
import JSON
import Postgres
import Testing

/// How the program meets databases that do not suit it.
@Suite struct DatabaseTests {
  @Test("a database that cannot be reached ends every verb that needs one with code 4")
  func unreachable() async throws {
    let program = BuiltProgram(
      folder: "/tmp", ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"])
    for verb in ["list", "migrate", "doctor", "worker", "sources"] {
      let answer = try await program(verb)
      #expect(answer.code == 4, "\(verb): \(answer)")
      #expect(answer.errors.contains("The database cannot be reached"), "\(answer)")
    }
  }

  @Test("the command line goes before DATABASE_URL, and that before the PG variables")
  func precedence() async throws {
    try await Database.with { database in
      let nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
      let program = BuiltProgram(folder: "/tmp", ["DATABASE_URL": nowhere, "PGHOST": "127.0.0.1"])
      let answer = try await program("list", "--database", database.connectionString)
      #expect(answer.code == 0, "\(answer)")
      let other = BuiltProgram(
        folder: "/tmp", ["DATABASE_URL": database.connectionString, "PGHOST": "/nowhere"])
      #expect(try await other("list").code == 0)
      let third = BuiltProgram(folder: "/tmp", ["PGHOST": "/nowhere"])
      #expect(try await third("list").code == 4)
    }
  }

  @Test("a database without schema is refused with code 5, until it is migrated")
  func migrates() async throws {
    try await Database.with(isMigrated: false) { database in
      let program = BuiltProgram(on: database, folder: "/tmp")
      let before = try await program("list")
      #expect(before.code == 5 && before.errors.contains("run: backfill migrate"), "\(before)")
      #expect(try await program("migrate", "--status").code == 5)
      #expect(try await database.snapshot().isEmpty)
      let first = try await program("migrate")
      #expect(first.code == 0 && first.output.contains("Applied 1 catalog."), "\(first)")
      let second = try await program("migrate")
      #expect(second.code == 0 && !second.output.contains("Applied"), "\(second)")
      let status = try await program("migrate", "--status", "--json")
      #expect(try status.document["fits"]?.bool == true, "\(status)")
      let after = try await program("list")
      #expect(after.code == 0 && after.output.contains("There are no backfills"), "\(after)")
    }
  }

  @Test("a schema with a breaking change that the program does not know is refused with code 5")
  func refusesNewerSchema() async throws {
    try await Database.with { database in
      let program = BuiltProgram(on: database, folder: "/tmp")
      for isBreaking in [false, true] {
        try await database.withConnection { connection in
          try await connection.execute(
            """
            INSERT INTO backfill.migration (version, name, checksum, breaking)
              VALUES (\(isBreaking ? 9_002 : 9_001), 'later', 'x', \(isBreaking))
            """)
        }
        let answer = try await program("list")
        #expect(answer.code == (isBreaking ? 5 : 0), "\(answer)")
      }
      #expect(try await program("list").errors.contains("use a newer backfill"))
    }
  }
}

import Arguments
import DatabaseFixtures
import JSON
import Postgres
import Processes
import Testing

@testable import backfill

/// How the program meets databases that do not suit it.
@Suite struct DatabaseTests {
  @Test("a database that cannot be reached ends every verb that needs one with code 4")
  func unreachable() async throws {
    let program = BuiltProgram(
      folder: "/tmp", ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"])
    let rest: [String: [String]] = [
      "apply": ["-f", "-"], "submit": ["a.b", "--last", "1d"], "set": ["1", "--priority", "1"],
      "compare": ["a.b", "c.d", "--by", "id", "--last", "1d"], "__complete": ["streams"],
    ]
    for spec in CommandTable.verbs.map({ $0.spec })
    where !["connectors", "completion", "man"].contains(spec.name) {
      let id = spec.arguments.contains { $0.name == "ID" && $0.count == .one } ? ["1"] : []
      let answer = try await program.run([spec.name] + (rest[spec.name] ?? id), input: "{}")
      #expect(answer.code == 4, "\(spec.name): \(answer)")
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

  @Test("a worker ends by itself with code 5 when a breaking change comes while it works")
  func endsOnBreakingChange() async throws {
    try await Database.with { database in
      let program = BuiltProgram(on: database, folder: "/tmp")
      let worker = program.command(["worker"])
      let log = try await worker.withProcess(errors: .streamed) { process in
        async let log = process.errors.collected(upTo: 1 << 20)
        #expect(try await eventually { try await program("workers").output.contains("0 of 8") })
        try await database.withConnection { connection in
          try await connection.execute(
            """
            INSERT INTO backfill.migration (version, name, checksum, breaking)
              VALUES (9001, 'later', 'x', true)
            """)
        }
        #expect(await process.wait() == .exited(5))
        return try await log.text
      }
      #expect(log.contains("use a newer backfill") && log.contains("worker.stopped"), "\(log)")
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

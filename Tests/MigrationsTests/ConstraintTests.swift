import DatabaseFixtures
import Postgres
import Testing

@Suite("The constraints")
struct ConstraintTests {
  @Test("each named constraint refuses what violates it, and no constraint is left untried")
  func each() async throws {
    try await Database.with { database in
      try await database.withConnection { connection in
        try await connection.execute(Violations.soundRows)
        let constraints = try await connection.query(Self.constraints) { row in
          (try row.read(String.self), try row.read(String.self))
        }
        #expect(constraints.count > 40)
        let untried = Set(constraints.map(\.0)).symmetricDifference(Violations.statements.keys)
        #expect(untried.isEmpty, "without a case, or a case without a constraint: \(untried)")
        for (name, kind) in constraints {
          guard let violation = Violations.statements[name] else { continue }
          let error = await #expect(throws: PostgresError.self, "\(name) let \(violation) pass") {
            try await connection.execute(violation)
          }
          // The index of a table that has parts is the index of the part.
          let isFound = [name, name.replacing("_pkey", with: "_default_pkey")]
            .contains(error?.constraint)
          #expect(isFound, "\(name): \(violation): \(String(describing: error))")
          #expect(error?.sqlState?.rawValue == Self.states[kind], "\(name)")
        }
      }
    }
  }

  /// Those that were written, not those that a part of a table has from the whole.
  private static let constraints = """
    SELECT k.conname::text, k.contype::text
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      WHERE c.relnamespace = 'backfill'::regnamespace AND k.conislocal AND k.conparentid = 0
      ORDER BY 1
    """

  private static let states = ["c": "23514", "f": "23503", "p": "23505", "u": "23505"]
}

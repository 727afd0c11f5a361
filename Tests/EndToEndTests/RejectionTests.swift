import DatabaseFixtures
import JSON
import Testing

/// Records that could not be taken: seen, taken again after the definition was mended, or given up.
@Suite struct RejectionTests {
  private static let rows = """
    id,at,amount
    1,2025-03-01T01:00:00Z,10.00
    2,2025-03-01T02:00:00Z,ten
    3,2025-03-02T01:00:00Z,5.50
    4,2025-03-02T02:00:00Z,many
    broken,"2025-03-02T03:00:00Z
    """

  private static func document(measures: String) -> String {
    """
    {sources: {shop: {connector: "files", streams: {rows: {path: "rows.csv", key: "row:{id}",
      event_time: "at", \(measures)}}}}}
    """
  }

  @Test("rejected records are listed whole, taken once when they can be, and left when they cannot")
  func redrives() async throws {
    try await withRejections { program, database in
      let list = try await program("rejections", "1", "--json").documents
      #expect(
        list.map { $0["reason"]?.string }.sorted { ($0 ?? "") < ($1 ?? "") } == [
          "amount_unreadable", "amount_unreadable", "malformed",
        ])
      let first = try #require(list.first { $0["key"]?.string == "row:2" })
      #expect(first["partition"]?.int == 1 && first["position"]?.int == 2)
      #expect(
        first["record"]?.string == #"{"id":"2","at":"2025-03-01T02:00:00Z","amount":"ten"}"#)
      let text = try await program("rejections", "1").output
      #expect(text.contains("is not a number of at most 38 digits") && text.contains("row:4"))

      // As long as the definition is the same, nothing can be taken and nothing is written.
      let before = try await database.snapshot()
      let early = try await program("rejections", "1", "--redrive")
      #expect(early.code == 3 && early.output == "3 records are still refused.\n", "\(early)")
      #expect(try await database.snapshot() == before)

      let mended = Self.document(measures: "")
      #expect(try await program("apply", "-f", "-", input: mended).code == 0)
      async let one = program("rejections", "1", "--redrive", "--json")
      async let other = program("rejections", "1", "--redrive", "--json")
      let taken = try await [one, other].map {
        try $0.document["records"]?["inserted"]?.int ?? -1
      }
      #expect(taken.sorted() == [0, 2])
      #expect(try await database.documents() == 4)
      #expect(try await program("rejections", "--json").documents.count == 1)
      let redrive = try await program("show", "2", "--json").document
      #expect(redrive["mode"]?.string == "redrive" && redrive["state"]?.string == "succeeded")
      // What was taken again covers no day.
      let missing = try await program(
        "submit", "shop.rows", "--from", "2025-03-01", "--to", "2025-03-04", "--only", "missing",
        "--preview")
      #expect(missing.output.contains("Already succeeded in backfill 1."), "\(missing)")
    }
  }

  @Test("what is given up is out of the list, and still there")
  func discards() async throws {
    try await withRejections { program, database in
      let discard = try await program("rejections", "1", "--discard")
      #expect(discard.output == "3 rejected records of backfill 1 given up.\n", "\(discard)")
      let again = try await program("rejections", "1", "--discard", "--json")
      #expect(try again.document == ["discarded": 0])
      #expect(try await program("rejections").output.contains("no rejected records"))
      let kept = try await database.withConnection { connection in
        try await connection.value(
          "SELECT count(*) FROM backfill.rejection WHERE closed_as = 'discarded'", Int64.self)
      }
      #expect(kept == 3)
      let nothing = try await program("rejections", "1", "--redrive")
      #expect(nothing.code == 0 && nothing.output.contains("no rejected records"), "\(nothing)")
    }
  }

  private func withRejections(
    _ body: (BuiltProgram, Database) async throws -> Void
  ) async throws {
    try await withProgram { program, database in
      try write(Self.rows + "\n", to: "\(program.folder)/rows.csv")
      let strict = Self.document(
        measures: "measures: {amount: {field: \"amount\", currency: \"EUR\"}}")
      let applied = try await program("apply", "-f", "-", input: strict)
      #expect(applied.code == 0, "\(applied)")
      let submit = try await working(program) {
        try await program(
          "submit", "shop.rows", "--from", "2025-03-01", "--to", "2025-03-03", "--wait")
      }
      #expect(submit.code == 0 && submit.output.contains("3 rejected"), "\(submit)")
      #expect(submit.output.contains("rejections 1"), "\(submit)")
      try await body(program, database)
    }
  }
}

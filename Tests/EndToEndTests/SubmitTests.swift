import DatabaseFixtures
import JSON
import Testing

/// `submit` and the verbs that show what was submitted.
@Suite struct SubmitTests {
  @Test("what cannot be submitted ends with code 2, and nothing is written")
  func refuses() async throws {
    try await withProgram { program, database in
      let path = try OrdersFile(days: 30, seed: 2).write(to: program.folder)
      #expect(try await program("apply", "-f", path).code == 0)
      let before = try await database.snapshot()
      let cases: [([String], String)] = [
        (["shop.order", "--last", "3d"], "did you mean shop.orders?"),
        (["shop.orders", "--last", "0d"], "empty window"),
        (["shop.orders", "--from", "2025-01-05", "--to", "2025-01-01"], "before it begins"),
        (["shop.orders", "--from", "2025-01-05", "--to", "2025-01-05"], "The window is empty"),
        (["shop.orders", "--from", "2025-01-05", "--to", "2999-01-01"], "in the future"),
        (["shop.orders", "--from", "2025-01-05T06:00", "--to", "2025-02-01"], "in which zone"),
        (["shop.orders", "--from", "2025-02-30", "--to", "2025-03-01"], "does not exist"),
        (
          ["shop.orders", "--from", "2010-01-01", "--to", "2025-01-01", "--step", "1min"],
          "a backfill may have 1,000,000"
        ),
      ]
      for (words, sentence) in cases {
        let answer = try await program.run(["submit"] + words)
        #expect(answer.code == 2 && answer.errors.contains(sentence), "\(words): \(answer)")
      }
      for words in [
        ["show", "99"], ["partitions", "99"], ["attempts", "99"], ["watch", "99"], ["pause", "99"],
        ["resume", "99"], ["cancel", "99"], ["retry", "99"], ["set", "99", "--priority", "1"],
        ["rejections", "99"], ["rejections", "99", "--redrive"], ["rejections", "99", "--discard"],
      ] {
        let answer = try await program.run(words)
        #expect(answer.code == 2 && answer.errors.contains("no backfill 99"), "\(words): \(answer)")
      }
      #expect(try await database.snapshot() == before)
    }
  }

  @Test("a preview says what would be done and writes nothing; a submit does it")
  func previews() async throws {
    try await withProgram { program, database in
      let path = try OrdersFile(days: 30, seed: 2).write(to: program.folder)
      #expect(try await program("apply", "-f", path).code == 0)
      let before = try await database.snapshot()
      let words = ["submit", "shop.orders", "--from", "2025-01-01", "--to", "2025-01-31"]
      let preview = try await program.run(words + ["--preview", "--order", "newest"])
      #expect(
        preview.lines == [
          "shop.orders, 1 to 30 January 2025 (30 days), UTC",
          "  30 partitions of 1 day, newest first, policy keep_first", "Nothing was submitted.",
        ], "\(preview)")
      #expect(try await database.snapshot() == before)
      let submitted = try await program.run(
        words + ["--step", "1w", "--reason", "for the tests", "--concurrency", "3"])
      #expect(submitted.code == 0, "\(submitted)")
      #expect(submitted.output.contains("in 5 partitions of 1 week"), "\(submitted)")
      #expect(submitted.errors.contains("No worker is alive"), "\(submitted)")
      #expect(submitted.output.contains("watch 1"), "\(submitted)")
      let show = try await program("show", "1")
      #expect(show.code == 0 && show.output.contains("waits for a worker: none is alive"))
      #expect(show.output.contains("for the tests") && show.output.contains("at most 3 at once"))
    }
  }

  @Test("the documents have the names of the contract")
  func documents() async throws {
    try await withProgram { program, _ in
      let path = try OrdersFile(days: 30, seed: 2).write(to: program.folder)
      #expect(try await program("apply", "-f", path).code == 0)
      let submit = try await program(
        "submit", "shop.orders", "--from", "2025-01-01", "--to", "2025-01-05", "--json")
      let show = try await program("show", "1", "--json").document
      for document in [try submit.document, show] {
        let keys = Set(document.object?.members.map(\.key) ?? [])
        #expect(
          keys.isSuperset(of: [
            "id", "stream", "state", "window", "step", "time_zone", "partitions", "records",
            "requested_by", "reason", "submitted_at", "finished_at",
          ]))
        #expect(
          Set(document["partitions"]?.object?.members.map(\.key) ?? []) == [
            "total", "waiting", "ready", "running", "succeeded", "verified", "failed", "skipped",
            "replaced", "quarantined", "cancelled",
          ])
        let outcomes = Set(document["records"]?.object?.members.map(\.key) ?? [])
        #expect(
          outcomes.isSuperset(of: [
            "read", "inserted", "versioned", "unchanged", "kept", "rejected", "outside",
          ]))
      }
      #expect(
        show["window"] == ["from": "2025-01-01T00:00:00Z", "to": "2025-01-05T00:00:00Z"])
      #expect(show["partitions"]?["total"]?.int == 4 && show["partitions"]?["ready"]?.int == 4)
      let partitions = try await program("partitions", "1", "--json").documents
      #expect(partitions.map { $0["number"]?.int } == [1, 2, 3, 4])
      let list = try await program("list", "--json", "--state", "running").documents
      #expect(list.map { $0["id"]?.int } == [1])
      #expect(try await program("list", "--json", "--state", "failed").output.isEmpty)
    }
  }

  @Test("a reader that goes away ends the output quietly")
  func endsQuietly() async throws {
    try await withProgram { program, _ in
      let path = try OrdersFile(days: 30, seed: 2).write(to: program.folder)
      #expect(try await program("apply", "-f", path).code == 0)
      let submit = try await program(
        "submit", "shop.orders", "--from", "2020-01-01", "--to", "2025-01-01", "--step", "30min")
      #expect(submit.code == 0, "\(submit)")
      let answer = try await program.shell(
        "backfill partitions 1 | head -n 2 | wc -l; echo ${PIPESTATUS[0]}")
      #expect(answer.output.split(separator: "\n").map { $0.filter { $0 != " " } } == ["2", "0"])
      #expect(answer.errors.isEmpty, "\(answer)")
    }
  }
}

import DatabaseFixtures
import JSON
import SampleSource
import Testing

/// `apply` with documents as people write them.
@Suite struct ApplyTests {
  @Test("all faults of a document are told at once, each by its path, and nothing is written")
  func tellsAllFaults() async throws {
    try await withProgram { program, database in
      try write(
        """
        {sources: {shop: {connector: "flies", streams: {orders: {
          key: "shop:{id}", event_time: "at", polcy: "reject", step: "0d"}}},
          other: {connector: "rest", base_url: "https://x.example", streams: {a: {
            key: "a:{id}{b}", event_time: "at", path: "/a", window: {from: "gte", to: "lt",
            format: "rfc3339"}, pagination: {type: "none"}}}}}}
        """, to: "\(program.folder)/bad.json5")
      let before = try await database.snapshot()
      let answer = try await program("apply", "-f", "bad.json5")
      #expect(answer.code == 2, "\(answer)")
      for words in [
        "sources.shop.connector: there is no connector \"flies\"; did you mean files?",
        "sources.shop.streams.orders.step: A step of 0d has no length",
        "sources.other.streams.a.key",
      ] {
        #expect(answer.errors.contains(words), "\(words)\n\(answer)")
      }
      #expect(try await database.snapshot() == before)
    }
  }

  @Test("a text that is no JSON5 is refused with line and column")
  func tellsThePlace() async throws {
    try await withProgram { program, _ in
      try write("{\n  sources: {shop: {connector: }}\n}\n", to: "\(program.folder)/bad.json5")
      let answer = try await program("apply", "-f", "bad.json5")
      #expect(answer.code == 2 && answer.errors.contains("line 2, column 31"), "\(answer)")
    }
  }

  @Test(
    "secrets and files are looked for before anything is written, unless that is left to workers")
  func checks() async throws {
    try await withProgram { program, database in
      let shop = try SlowShop(days: 1, latency: .zero)
      try write(shop.document, to: "\(program.folder)/shop.json5")
      let before = try await database.snapshot()
      let unset = try await program("apply", "-f", "shop.json5")
      #expect(unset.code == 2, "\(unset)")
      #expect(unset.errors.contains("The variable SHOP_TOKEN is not set"), "\(unset)")
      #expect(!unset.errors.contains("a token of the tests"))
      let orders = OrdersFile(days: 3, seed: 1)
      let files = try orders.write(to: program.folder)
      for (text, words) in [
        ("a,b\n1,2\n", "has no column order_id"), ("", "orders.csv"),
      ] {
        try write(text, to: "\(program.folder)/orders.csv")
        let answer = try await program("apply", "-f", files)
        #expect(answer.code == 2 && answer.errors.contains(words), "\(answer)")
      }
      #expect(try await database.snapshot() == before)
      try write(shop.document, to: "\(program.folder)/rest.json5")
      #expect(try await program("apply", "-f", "rest.json5", "--skip-check").code == 0)
      let refused = try await program.run(["submit", "shop.orders"] + shop.window)
      #expect(refused.code == 2 && refused.errors.contains("SHOP_TOKEN"), "\(refused)")
      #expect(try await program("list").output.contains("There are no backfills"))
      await shop.source.stop()
    }
  }

  @Test("the difference is shown before it is applied, and applying twice changes nothing")
  func showsTheDifference() async throws {
    try await withProgram { program, database in
      let orders = OrdersFile(days: 3, seed: 1)
      let path = try orders.write(to: program.folder)
      let before = try await database.snapshot()
      let preview = try await program("apply", "-f", path, "--diff")
      #expect(
        preview.lines == ["+ source shop", "+ stream shop.orders", "Nothing was applied."],
        "\(preview)")
      #expect(try await database.snapshot() == before)
      #expect(
        try await program("apply", "-f", path).lines.last == "Applied 1 source with 1 stream.")
      #expect(try await program("apply", "-f", path).lines == ["Nothing changes."])
      _ = try orders.write(to: program.folder, stream: "step: \"1w\", tags: [\"finance\"],")
      #expect(
        try await program("apply", "-f", path, "--diff").lines.first
          == "~ stream shop.orders: step, tags")
      let streams = try await program("streams", "--json").documents
      #expect(streams.first?["definition"]?["step"]?.string == "1d")
    }
  }

  @Test("the example of every connector can be applied", arguments: ["rest", "files", "sample"])
  func examples(connector: String) async throws {
    try await withProgram { program, _ in
      let guide = try await program("connectors", connector, "--json").document
      let example = try #require(guide["example"]?.string)
      #expect(guide["stream_settings"]?["event_time"]?.string?.isEmpty == false)
      #expect(try await program("connectors", connector).output.contains(example))
      let answer = try await program("apply", "-f", "-", "--diff", "--skip-check", input: example)
      #expect(answer.code == 0 && answer.errors.isEmpty, "\(answer)")
    }
  }

  @Test("a document comes from standard input as well")
  func readsStandardInput() async throws {
    try await withProgram { program, _ in
      let orders = OrdersFile(days: 3, seed: 1)
      let path = try orders.write(to: program.folder)
      let text = try await program.shell("cat \(path)").output
      let answer = try await program("apply", "-f", "-", input: text)
      #expect(answer.code == 0, "\(answer)")
      #expect(try await program("sources").output.contains("shop"))
    }
  }
}

/// Lends the program on a database of its own, and the database, with a folder.
func withProgram(
  _ body: (BuiltProgram, Database) async throws -> Void
) async throws {
  try await withFolder { folder in
    try await Database.with { database in
      try await body(BuiltProgram(on: database, folder: folder), database)
    }
  }
}

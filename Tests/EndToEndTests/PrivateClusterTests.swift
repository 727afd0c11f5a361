import Cluster
import DatabaseFixtures
import Domain
import JSON
import Postgres
import SampleSource
import Testing

/// What works on a bare machine: no database is named, and the private PostgreSQL is used.
///
/// One after the other, because whoever waits there works on whatever there is.
@Suite(.serialized) struct PrivateClusterTests {
  @Test("a file's days come out exactly, and once more change nothing")
  func storesAFile() async throws {
    try await withPrivateProgram { program in
      let orders = OrdersFile(days: 120, seed: 11)
      let path = try orders.write(to: program.folder)
      #expect(try await program("apply", "-f", path).code == 0)
      let words = [
        "submit", "shop.orders", "--from", OrdersFile.firstDay.description, "--to",
        orders.end.description, "--step", "1d", "--wait", "--json",
      ]
      let first = try await program.run(words)
      #expect(first.code == 0, "\(first)")
      let end = try first.document
      #expect(end["state"]?.string == "succeeded")
      #expect(end["partitions"]?["succeeded"]?.int == 120)
      #expect(end["records"]?["inserted"]?.int == orders.count)
      #expect(
        end["measures"] == [
          [
            "name": "amount", "currency": "EUR", "amount": .string(orders.sum),
            "records": .number(String(orders.count)),
          ]
        ])
      let id = try #require(end["id"]?.int)
      let partitions = try await program("partitions", String(id), "--json").documents
      #expect(partitions.map { $0["records"]?["read"]?.int } == orders.perDay.map { $0 })
      let again = try await program.run(words).document
      #expect(again["records"]?["inserted"]?.int == 0)
      #expect(again["records"]?["unchanged"]?.int == orders.count)
      #expect(again["measures"] == [])
      let missing = try await program.run(
        Array(words.dropLast(2)) + ["--only", "missing", "--preview"])
      #expect(missing.output.contains("  0 partitions of 1 day"), "\(missing)")
      #expect(missing.output.contains("120 partitions left out"), "\(missing)")
    }
  }

  @Test("whoever works on the private PostgreSQL starts it again when it was killed")
  func revives() async throws {
    try await withPrivateProgram { program in
      let shop = try SlowShop(days: 50, latency: .milliseconds(40))
      let program = program.adding(SlowShop.variables)
      #expect(try await program("apply", "-f", "-", input: shop.document).code == 0)
      let words = ["submit", "shop.orders"] + shop.window + ["--wait", "--json"]
      let waiting = Task { try await program.run(words) }
      let cluster = try await PrivateHome.shared.cluster()
      #expect(try await eventually { try await succeeded(on: cluster) >= 5 })
      try cluster.kill()
      let end = try await waiting.value
      #expect(end.code == 0, "\(end)")
      #expect(try end.document["records"]?["inserted"]?.int == shop.count)
      await shop.source.stop()
    }
  }

  /// How many partitions of the backfill of 50 days have succeeded.
  private func succeeded(on cluster: TemporaryCluster) async throws -> Int64 {
    let database = Database(name: "backfill", connectionString: cluster.connectionString)
    return try await database.withConnection { connection in
      try await connection.value(
        """
        SELECT count(*) FROM backfill.backfill b
          JOIN backfill.partition p ON p.backfill_id = b.id
          WHERE b.total = 50 AND p.state = 'succeeded'
        """, Int64.self)
    }
  }

  @Test(
    "the demonstration ends with 89 of 90 days and the reason, twice, and what it says to type works"
  )
  func demonstrates() async throws {
    try await withPrivateProgram { program in
      for isFirst in [true, false] {
        let answer = try await program("demo")
        #expect(answer.code == 0, "\(answer)")
        #expect(answer.output.contains("89 partitions succeeded, 1 failed."), "\(answer)")
        #expect(!answer.output.contains("none is alive"), "\(answer)")
        #expect(answer.output.contains("cannot be read: bad checksum"), "\(answer)")
        #expect(answer.output.contains(isFirst ? " added\n" : " unchanged\n"), "\(answer)")
        let next = try #require(answer.output.split(separator: "Next:\n").last)
        let commands = next.split(separator: "\n").map { line in
          line.split(separator: "   ", maxSplits: 1)[0].split(separator: " ").dropFirst()
            .map(String.init)
        }
        try #require(commands.count == 2)
        #expect(try await program.run(commands[0]).code == 0, "\(commands)")
        guard !isFirst else { continue }
        // The day is broken for good.
        let retry = try await program.run(commands[1])
        #expect(retry.code == 3 && retry.output.contains("1 partition of backfill"), "\(retry)")
        #expect(retry.output.contains("89 partitions succeeded, 1 failed."), "\(retry)")
      }
    }
  }
}

/// Lends the program in a folder of its own, on the one private cluster of this test run.
func withPrivateProgram(_ body: (BuiltProgram) async throws -> Void) async throws {
  try await withFolder { folder in
    let home = try await PrivateHome.shared.cluster().home
    try await body(BuiltProgram(folder: folder, ["BACKFILL_HOME": home]))
  }
}

/// The home of a private cluster, which is started once and gone with the test process.
actor PrivateHome {
  static let shared = PrivateHome()

  private var starting: Task<TemporaryCluster, any Error>?

  func cluster() async throws -> TemporaryCluster {
    let task = starting ?? Task { try await TemporaryCluster.start() }
    starting = task
    return try await task.value
  }
}

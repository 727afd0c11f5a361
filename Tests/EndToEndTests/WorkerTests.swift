import Cluster
import DatabaseFixtures
import JSON
import Postgres
import Processes
import SampleSource
import Testing

/// Worker processes, as a supervisor runs and ends them.
@Suite struct WorkerTests {
  @Test("a worker hears of work, logs what it does, and drains when it is told to end")
  func drains() async throws {
    try await withShop(days: 40, latency: .milliseconds(40)) { program, database, shop in
      let worker = program.command(["worker", "--concurrency", "4"])
      let log = try await worker.withProcess(errors: .streamed) { process in
        async let log = process.errors.collected(upTo: 1 << 20)
        #expect(try await eventually { try await program("workers").output.contains("0 of 4") })
        let submit = try await program.run(["submit", "shop.orders"] + shop.window)
        #expect(submit.code == 0 && submit.errors.isEmpty, "\(submit)")
        #expect(try await eventually { try await database.partitions("succeeded") >= 4 })
        process.send(.terminate)
        #expect(await process.wait() == .exited(0))
        return try await log.text
      }
      let events = try log.split(separator: "\n").map { try JSONValue.parse(String($0)) }
      let names = events.compactMap { $0["event"]?.string }
      #expect(names.first == "worker.started" && names.last == "worker.stopped", "\(log)")
      #expect(names.contains("partition.succeeded") && names.contains("worker.draining"), "\(log)")
      #expect(events.allSatisfy { $0["time"] != nil && $0["message"] != nil })
      // Everything was given back in good order, and nothing waits for a lease to run out.
      #expect(try await database.partitions("running") == 0)
      #expect(try await database.partitions("succeeded") < 40)
      let end = try await working(program) { try await program("watch", "1", "--json") }
      #expect(end.code == 0, "\(end)")
      #expect(try end.document["records"]?["inserted"]?.int == shop.count)
      let attempts = try await program("attempts", "1", "--limit", "1000", "--json").documents
      let outcomes = Set(attempts.compactMap { $0["outcome"]?.string })
      #expect(outcomes.isSubset(of: ["succeeded", "released"]))
    }
  }

  @Test(
    "what a killed worker held is claimed again by another, and nothing is lost or written twice")
  func survivesKills() async throws {
    try await withShop(days: 60, latency: .milliseconds(30)) { program, database, shop in
      let submit = try await program.run(["submit", "shop.orders"] + shop.window)
      #expect(submit.code == 0, "\(submit)")
      try await program.command(["worker", "--concurrency", "6"]).withProcess {
        process async throws in
        #expect(try await eventually { try await database.partitions("succeeded") >= 6 })
        process.send(.kill)
        #expect(await process.wait() == .signalled(9))
      }
      #expect(try await database.partitions("running") > 0)
      let end = try await working(program) { try await program("watch", "1", "--json") }
      #expect(end.code == 0, "\(end)")
      #expect(try end.document["records"]?["inserted"]?.int == shop.count)
      #expect(try await database.documents() == shop.count)
      let attempts = try await program("attempts", "1", "--limit", "1000", "--json").documents
      #expect(attempts.contains { $0["outcome"]?.string == "lost" })
    }
  }

  @Test("a worker with a long lease is heard of all the same, so that nobody takes it for dead")
  func longLease() async throws {
    try await withProgram { program, database in
      try await program.command(["worker", "--lease", "3600"]).withProcess { process in
        let isHeardOf = try await eventually {
          try await database.withConnection { connection in
            try await connection.value(
              """
              SELECT count(*) > 0 FROM backfill.worker
                WHERE heartbeat_at > started_at + interval '4 seconds'
              """, Bool.self)
          }
        }
        #expect(isHeardOf)
        process.send(.terminate)
        #expect(await process.wait() == .exited(0))
      }
    }
  }

  @Test("a worker and whoever watches go on by themselves when PostgreSQL was killed and is back")
  func survivesTheDatabase() async throws {
    try await TemporaryCluster.with { cluster in
      try await withFolder { folder in
        let shop = try SlowShop(days: 40, latency: .milliseconds(30))
        let program = BuiltProgram(
          folder: folder,
          SlowShop.variables.merging(["DATABASE_URL": cluster.connectionString]) { $1 })
        #expect(try await program("migrate").code == 0)
        let applied = try await program("apply", "-f", "-", input: shop.document)
        #expect(applied.code == 0, "\(applied)")
        #expect(try await program.run(["submit", "shop.orders"] + shop.window).code == 0)
        let database = Database(name: "backfill", connectionString: cluster.connectionString)
        let end = try await working(program) {
          let watching = Task { try await program("watch", "1", "--json") }
          #expect(try await eventually { try await database.partitions("succeeded") >= 5 })
          try cluster.kill()
          // The dead server is seen for a moment after it was killed.
          let isBack = try await eventually {
            try await cluster.revive()
            return await database.answers()
          }
          #expect(isBack)
          return try await watching.value
        }
        #expect(end.code == 0, "\(end)")
        #expect(try end.document["records"]?["inserted"]?.int == shop.count)
        #expect(try await database.documents() == shop.count)
        await shop.source.stop()
      }
    }
  }

  @Test("whoever waits where nobody works is told so, and can leave")
  func saysThatNobodyWorks() async throws {
    try await withShop(days: 2, latency: .zero) { program, _, shop in
      let words = ["submit", "shop.orders"] + shop.window + ["--wait"]
      let output = try await program.command(words).withProcess(output: .streamed) { process in
        var output = ""
        for try await chunk in process.output {
          output += String(decoding: chunk, as: UTF8.self)
          if output.contains("start one with backfill worker") { break }
        }
        process.send(.interrupt)
        #expect(await process.wait() == .exited(1))
        return output
      }
      #expect(output.contains("waits for a worker: none is alive"), "\(output)")
    }
  }
}

/// Lends a slow shop that is applied to a database of its own.
func withShop(
  days: Int, latency: Duration, behaviours: [Int: DayBehaviour] = [:],
  _ body: (BuiltProgram, Database, SlowShop) async throws -> Void
) async throws {
  try await withProgram { program, database in
    let shop = try SlowShop(days: days, latency: latency, behaviours: behaviours)
    let program = program.adding(SlowShop.variables)
    let applied = try await program("apply", "-f", "-", input: shop.document)
    #expect(applied.code == 0, "\(applied)")
    try await body(program, database, shop)
    await shop.source.stop()
  }
}

/// Does something while a worker process works.
func working<Value: Sendable>(
  _ program: BuiltProgram, concurrency: Int = 6, _ body: () async throws -> Value
) async throws -> Value {
  try await program.command(["worker", "--concurrency", String(concurrency)]).withProcess {
    worker in
    let value = try await body()
    worker.send(.terminate)
    #expect(await worker.wait() == .exited(0))
    return value
  }
}

extension Database {
  /// How many partitions are in a state.
  func partitions(_ state: String) async throws -> Int {
    try await withConnection { connection in
      Int(
        try await connection.value(
          "SELECT count(*) FROM backfill.partition WHERE state = '\(state)'", Int64.self))
    }
  }

  /// Whether it can be connected to.
  func answers() async -> Bool {
    do {
      return try await withConnection { _ in true }
    } catch {
      return false
    }
  }

  /// How many documents there are.
  func documents() async throws -> Int {
    try await withConnection { connection in
      Int(try await connection.value("SELECT count(*) FROM backfill.document", Int64.self))
    }
  }
}

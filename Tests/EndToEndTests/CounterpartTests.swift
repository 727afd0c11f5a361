import DatabaseFixtures
import JSON
import Postgres
import Processes
import SampleSource
import Testing

/// Programs as others made them, read through the product.
@Suite struct CounterpartTests {
  private static let faker = "airbyte-source-faker"
  private static let tap = "tap-rest-api-msdk"

  @Test(
    "an Airbyte source whose worker was killed halfway goes on from its state, and nothing is lost",
    .enabled("PyPI has it within reach") {
      await PythonPrograms.shared.environment(with: faker) != nil
    })
  func airbyte() async throws {
    let count = 12_000
    let folder = try #require(await PythonPrograms.shared.environment(with: Self.faker))
    let source = try PythonProgram("source-faker", in: folder)
    let definition = """
      {connector: "airbyte", \(source.settings) network: "none",
        config: {count: \(count), seed: 7, parallelism: 1, records_per_slice: 100},
        streams: {users: {key: "user:{id}", event_time: "created_at"}}}
      """
    try await withProgram { program, database in
      let applied = try await program(
        "apply", "-f", "-",
        input: """
          {sources: {faker: \(definition), control: \(definition)}}
          """)
      #expect(applied.code == 0, "\(applied)")
      let check = try await program("sources", "check", "faker")
      #expect(check.output.contains("source-faker accepts its configuration"), "\(check)")
      let streams = try await program("streams", "--discover", "faker", "--json").documents
      #expect(streams.contains { $0["name"]?.string == "users" })

      let submit = try await program(
        "submit", "faker.users", "--from", "1900-01-01", "--to", "2026-01-01")
      #expect(submit.output.contains("in 1 partition, in one pass"), "\(submit)")
      try await program.command(["worker"]).withProcess { worker async throws in
        #expect(try await eventually { try await database.documents() >= count / 10 })
        worker.send(.kill)
        _ = await worker.wait()
      }
      let before = try await database.documents()
      #expect(before < count / 2)
      let control = try await program(
        "submit", "control.users", "--from", "1900-01-01", "--to", "2026-01-01")
      #expect(control.code == 0, "\(control)")
      let ends = try await working(program) {
        [try await program("watch", "1", "--json"), try await program("watch", "2", "--json")]
      }
      #expect(ends.allSatisfy { $0.code == 0 }, "\(ends)")
      // The same seed makes the same users: what was killed has what was not.
      #expect(try await difference("faker.users", "control.users", database) == 0)
      #expect(try await difference("control.users", "faker.users", database) == 0)
      #expect(try ends[1].document["records"]?["read"]?.int == count)
      #expect(try await database.documents() > count)
    }
    await PythonPrograms.shared.remove(Self.faker)
  }

  /// How many keys one stream has and the other has not.
  private func difference(
    _ one: String, _ other: String, _ database: Database
  ) async throws -> Int {
    let keys = { (stream: String) in
      """
      SELECT d.key FROM backfill.document d JOIN backfill.stream s ON s.id = d.stream_id
        WHERE s.name = '\(stream)'
      """
    }
    return try await database.withConnection { connection in
      Int(
        try await connection.value(
          "SELECT count(*) FROM (\(keys(one)) EXCEPT \(keys(other))) AS missing", Int64.self))
    }
  }

  @Test(
    "a Singer tap that takes both bounds is one process a partition, and reads what the source has",
    .enabled("PyPI has it within reach") {
      await PythonPrograms.shared.environment(with: tap) != nil
    })
  func singer() async throws {
    let folder = try #require(await PythonPrograms.shared.environment(with: Self.tap))
    let tap = try PythonProgram("tap-rest-api-msdk", in: folder)
    try await withProgram { program, database in
      let shop = try SlowShop(days: 3, latency: .zero)
      let program = program.adding(["SHOP_HEADER": "Bearer a token of the tests"])
      let applied = try await program(
        "apply", "-f", "-",
        input: """
          {sources: {shop: {connector: "singer", \(tap.settings) network: "open", concurrency: 2,
            config: {api_url: "http://127.0.0.1:\(shop.source.port)", params: {limit: 500},
              streams: [{name: "orders", path: "/v1/orders", records_path: "$.data[*]",
                primary_keys: ["id"]}]},
            secrets: {"headers.Authorization": "env:SHOP_HEADER"},
            streams: {orders: {key: "order:{id}", event_time: "created_at",
              window: {from: "params.created_from", to: "params.created_to"}}}}}}
          """)
      #expect(applied.code == 0, "\(applied)")
      let submit = try await program.run(["submit", "shop.orders"] + shop.window)
      #expect(submit.output.contains("in 3 partitions"), "\(submit)")
      let end = try await working(program) { try await program("watch", "1", "--json") }
      #expect(end.code == 0, "\(end)")
      #expect(try end.document["records"]?["inserted"]?.int == shop.count)
      #expect(try await database.documents() == shop.count)
      await shop.source.stop()
    }
    await PythonPrograms.shared.remove(Self.tap)
  }
}

import Connectors
import Domain
import JSON
import SampleSource
import Testing

struct SampleSourceTests {
  @Test("the bundled sample source gives all of its days, exactly, through its bundled manifest")
  func everyDay() async throws {
    let lastDay = try #require(SampleDay("2026-03-31"))
    var configuration = SampleConfiguration(lastDay: lastDay)
    configuration.days = 20
    configuration.behaviours = [3: .broken, 5: .rateLimited(first: 1)]
    let shop = try SampleSource(configuration, now: { 0 })
    let source = try ConnectorsTests.shop(
      """
      {sources: {shop: {connector: "sample", base_url: "http://127.0.0.1:\(shop.port)"}}}
      """)
    let factory = try factory(secrets: ["BACKFILL_SAMPLE_TOKEN": configuration.token])
    for (stream, kind) in zip(source.streams, [SampleStream.orders, .refunds]) {
      let connector = try factory.connector(for: stream, of: source)
      for age in 0..<22 where age != 3 {
        let day = SampleDay(number: lastDay.number - age)
        let start = Instant(microseconds: Int64(day.number) * 86_400_000_000)
        let window = Window(from: start, to: start.adding(microseconds: 86_400_000_000))
        // The source counts how often a day was asked for, of whatever stream.
        if age == 5, kind == .orders {
          let failure = await #expect(throws: SourceFailure.self) {
            try await connector.pages(window, fields: stream.fields)
          }
          #expect(failure?.kind == .rateLimited)
          #expect(failure?.retryAfter == 1_000_000)
        }
        let pages = try await connector.pages(window, fields: stream.fields)
        #expect(
          pages.reduce(0) { $0 + $1.scan.records.count } == shop.expected(kind, on: day).count)
      }
    }
    let broken = window("2026-03-28T00:00:00Z", "2026-03-29T00:00:00Z")
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector(source, factory).pages(broken, fields: [])
    }
    #expect(failure?.kind == .unavailable)
    await shop.stop()
  }
}

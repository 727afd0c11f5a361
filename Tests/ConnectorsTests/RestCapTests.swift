import Connectors
import Domain
import HTTP
import JSON
import Testing

@testable import Connectors

/// Sources that give so many records of a query and no more, however many there are.
struct RestCapTests {
  /// A source that keeps this many records, id and time alike, gives ten a page, and of one query no
  /// more than fifty, as searches do.
  private static func search(records: Int, tellsTotal: Bool) throws -> FakeAPI {
    try FakeAPI { asked in
      let from = Int(asked.target.value("from") ?? "") ?? 0
      let to = Int(asked.target.value("to") ?? "") ?? 0
      let above = Int(asked.target.value("above") ?? "") ?? -1
      let after = Int(asked.target.value("after") ?? "") ?? 0
      guard after < 50 else { return .text(400, "no more than 50") }
      let found = (0..<records).filter { $0 >= from && $0 < to && $0 > above }
      let page = found.dropFirst(after).prefix(min(10, 50 - after))
      let items = page.map { #"{"id":\#($0),"at":\#($0)}"# }.joined(separator: ",")
      let hasNext = after + 10 < min(found.count, 50)
      return .json(
        #"{"results":[\#(items)],"total":\#(tellsTotal ? "\(found.count)" : "null"),"#
          + #""after":\#(hasNext ? "\(after + 10)" : "null")}"#)
    }
  }

  private func source(_ base: String, cap: String, total: Bool = true) throws -> SourceDefinition {
    try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(base)",
        streams: {orders: {key: "order:{id}", event_time: {field: "at", format: "epoch_seconds"},
          path: "/search", records: "results", \(total ? #"total: "total","# : "")
          query: {from: "{window.from}", to: "{window.to}" \(cap.contains("id:") ? #", above: "{last_id}""# : "")},
          window: {from: "gte", to: "lt", format: "epoch_seconds"},
          cap: {\(cap)},
          pagination: {type: "cursor", path: "after", parameter: "after", size: 10}}}}}}
      """)
  }

  private func window(seconds: Int) -> Window {
    Window(
      from: Instant(microseconds: 0), to: Instant(microseconds: Int64(seconds) * 1_000_000))
  }

  private func failure(_ source: SourceDefinition, _ window: Window) async throws -> SourceFailure?
  {
    let connector = try connector(source, try factory())
    return await #expect(throws: SourceFailure.self) {
      try await connector.pages(window, fields: idAndTime)
    }
  }

  @Test("without the key, a search that gives no more than its cap loses the rest, or is found out")
  func withoutCap() async throws {
    let fake = try Self.search(records: 60, tellsTotal: true)
    let blind = try source(fake.address, cap: #"records: 1000, on_hit: "split""#, total: false)
    let pages = try await connector(blind, try factory())
      .pages(window(seconds: 100), fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) }.count == 50)
    // Where the total is known, what is missing is noticed even so.
    let seeing = try source(fake.address, cap: #"records: 1000, on_hit: "split""#)
    #expect(try await failure(seeing, window(seconds: 100))?.kind == .endless)
  }

  @Test("a total above the cap is told with the first page, before anything was taken")
  func total() async throws {
    let fake = try Self.search(records: 51, tellsTotal: true)
    let source = try source(fake.address, cap: #"records: 50, on_hit: "split""#)
    #expect(try await failure(source, window(seconds: 100))?.kind == .windowTooLarge)
    #expect(await fake.asked.count == 1)
  }

  @Test("as many as the cap allows are taken where the source says that this is all")
  func exactly() async throws {
    let fake = try Self.search(records: 50, tellsTotal: true)
    let source = try source(fake.address, cap: #"records: 50, on_hit: "split""#)
    let pages = try await connector(source, try factory())
      .pages(window(seconds: 100), fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) }.count == 50)
  }

  @Test("without a total, a full measure counts as too many: nobody can know")
  func counted() async throws {
    let fake = try Self.search(records: 50, tellsTotal: false)
    let capped = try source(fake.address, cap: #"records: 50, on_hit: "split""#, total: false)
    let failure = try await failure(capped, window(seconds: 100))
    #expect(failure?.kind == .windowTooLarge)
    #expect(await fake.asked.count == 5)
    let pages = try await connector(capped, try factory())
      .pages(window(seconds: 49), fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) }.count == 49)
  }

  @Test(
    "a reading by id goes past the cap in one partition, and misses none", arguments: [true, false])
  func seeking(tellsTotal: Bool) async throws {
    for count in [0, 1, 49, 50, 51, 100, 137] {
      let fake = try Self.search(records: count, tellsTotal: tellsTotal)
      let source = try source(
        fake.address, cap: #"records: 50, on_hit: "seek_by_id", id: "id""#, total: tellsTotal)
      let pages = try await connector(source, try factory())
        .pages(window(seconds: 1_000), fields: idAndTime)
      #expect(pages.flatMap { $0.field(0) } == (0..<count).map { "\($0)" })
    }
  }

  @Test("the smallest window goes on by id where one is named, and fails where none is")
  func smallest() async throws {
    let fake = try Self.search(records: 60, tellsTotal: true)
    let split = #"records: 50, on_hit: "split", smallest: "100s""#
    let byID = try source(fake.address, cap: split + #", id: "id""#)
    let pages = try await connector(byID, try factory())
      .pages(window(seconds: 100), fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) }.count == 60)
    #expect(try await failure(byID, window(seconds: 200))?.kind == .windowTooLarge)
    let without = try source(fake.address, cap: split)
    #expect(try await failure(without, window(seconds: 100))?.kind == .refused)
  }

  @Test("a source that ends before the total that it tells has lost records")
  func lostOnTheWay() async throws {
    let fake = try FakeAPI(json: #"{"results":[{"id":1,"at":1}],"total":2,"after":null}"#)
    let source = try source(fake.address, cap: #"records: 50, on_hit: "split""#)
    let failure = try await failure(source, window(seconds: 100))
    #expect(failure?.kind == .endless)
    #expect(failure?.message == "shop gave 1 records of a query that it says has 2.")
  }

  @Test(
    "a cap is decided so",
    arguments: [
      (nil, 0, 49, false, ResultCap.Decision.fits), (nil, 40, 10, true, .split),
      (50, 40, 10, false, .fits), (51, 0, 10, true, .split),
    ] as [(Int?, Int, Int, Bool, ResultCap.Decision)])
  func decisions(
    total: Int?, before: Int, page: Int, hasNext: Bool, expected: ResultCap.Decision
  ) {
    let cap = ResultCap(records: 50, onHit: .split, id: nil, smallest: 1_000_000)
    let facts = ResultCap.Facts(
      total: total, before: before, page: page, asked: 10, hasNext: hasNext, canSplit: true)
    #expect(cap.decide(facts) == expected)
  }
}

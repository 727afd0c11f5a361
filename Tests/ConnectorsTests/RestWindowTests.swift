import Connectors
import Domain
import HTTP
import JSON
import Testing

/// How sources that filter less than a window are read all the same.
struct RestWindowTests {
  /// A source whose records are one a second from 0 to 99, ten on a page, the newest or the oldest
  /// first, from a time on and up to one as far as it understands them.
  private static func feed(descending: Bool) throws -> FakeAPI {
    try FakeAPI { asked in
      let from = Int(asked.target.value("from") ?? "") ?? 0
      let to = Int(asked.target.value("to") ?? "") ?? 100
      let times = Array(max(from, 0)..<min(to, 100))
      let sorted = descending ? times.reversed() : times
      let offset = Int(asked.target.value("offset") ?? "") ?? 0
      let page = sorted.dropFirst(offset).prefix(10)
      let items = page.map { #"{"id":"r\#($0)","at":\#($0)}"# }.joined(separator: ",")
      let next = offset + 10 < sorted.count ? "\(offset + 10)" : "null"
      return .json(#"{"data":[\#(items)],"next":\#(next)}"#)
    }
  }

  private func source(
    _ base: String, query: String, window: String, more: String = ""
  ) throws -> SourceDefinition {
    try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(base)",
        streams: {orders: {key: "order:{id}", event_time: {field: "at", format: "epoch_seconds"},
          path: "/orders", records: "data", query: {\(query)}, window: {\(window)},
          pagination: {type: "cursor", path: "next", parameter: "offset"}, \(more)}}}}}
      """)
  }

  private let thirties = Window(
    from: Instant(microseconds: 30_000_000), to: Instant(microseconds: 40_000_000))

  /// The times of the records that lie in the window, and how many pages it took.
  private func read(_ source: SourceDefinition, _ window: Window) async throws -> (
    inside: [Int], pages: Int
  ) {
    let pages = try await connector(source, try factory()).pages(window, fields: idAndTime)
    let times = pages.flatMap { $0.field(1) }.compactMap { $0.flatMap { Int($0) } }
    let inside = times.filter { window.contains(Instant(microseconds: Int64($0) * 1_000_000)) }
    return (inside.sorted(), pages.count)
  }

  @Test("a feed with a first bound only ends once a whole page lies behind the window")
  func fromOnly() async throws {
    let fake = try Self.feed(descending: false)
    let source = try source(
      fake.address, query: #"from: "{window.from}""#,
      window: #"mode: "from_only", from: "gte", format: "epoch_seconds", order: "ascending""#)
    let (inside, pages) = try await read(source, thirties)
    #expect(inside == Array(30..<40))
    #expect(pages == 2)
    #expect(await fake.asked.first?.target.text == "/orders?from=30")
  }

  @Test("where no order is promised, a feed with a first bound only is read to its end")
  func fromOnlyUnordered() async throws {
    let fake = try Self.feed(descending: true)
    let source = try source(
      fake.address, query: #"from: "{window.from}""#,
      window: #"mode: "from_only", from: "gt", format: "epoch_seconds", grain: "second""#)
    let (inside, pages) = try await read(source, thirties)
    #expect(inside == Array(30..<40))
    #expect(pages == 8)
    #expect(await fake.asked.first?.target.value("from") == "29")
  }

  @Test("a descending feed ends once a whole page is older than the window")
  func descending() async throws {
    let fake = try Self.feed(descending: true)
    let source = try source(
      fake.address, query: "", window: #"mode: "descending_feed""#)
    let (inside, pages) = try await read(source, thirties)
    #expect(inside == Array(30..<40))
    #expect(pages == 8)
  }

  @Test("a descending feed that knows an end is asked from there on")
  func descendingWithEnd() async throws {
    let fake = try Self.feed(descending: true)
    let source = try source(
      fake.address, query: #"to: "{window.to}""#,
      window: #"mode: "descending_feed", to: "lt", format: "epoch_seconds""#)
    let (inside, pages) = try await read(source, thirties)
    #expect(inside == Array(30..<40))
    #expect(pages == 2)
  }

  @Test("a source that filters nothing is read whole, and only the window is taken")
  func clientFilter() async throws {
    let fake = try Self.feed(descending: true)
    let source = try source(fake.address, query: "", window: #"mode: "client_filter""#)
    let (inside, pages) = try await read(source, thirties)
    #expect(inside == Array(30..<40))
    #expect(pages == 10)
  }

  @Test("one record out of order does not end a feed")
  func pinned() async throws {
    // The first record of the feed is pinned there, however old.
    let fake = try FakeAPI { asked in
      let isFirst = asked.target.value("offset") == nil
      return .json(
        isFirst
          ? #"{"data":[{"id":"pinned","at":1},{"id":"a","at":50}],"next":1}"#
          : #"{"data":[{"id":"b","at":35},{"id":"c","at":20}],"next":null}"#)
    }
    let source = try source(fake.address, query: "", window: #"mode: "descending_feed""#)
    #expect(try await read(source, thirties).inside == [35])
  }

  @Test("a source that takes one date is asked for each of the days, page by page")
  func oneDate() async throws {
    let fake = try FakeAPI { asked in
      let day = asked.target.value("day") ?? ""
      guard asked.target.value("offset") == nil else { return .json(#"{"data":[],"next":null}"#) }
      return .json(
        #"{"data":[{"id":"\#(day)","at":0}],"next":\#(day.hasSuffix("02") ? "1" : "null")}"#)
    }
    let source = try source(
      fake.address, query: #"day: "{window.date}""#,
      window: #"mode: "one_date", zone: "Europe/Berlin""#)
    let window = window("2024-02-29T23:00:00Z", "2024-03-03T10:00:00Z")
    let pages = try await connector(source, try factory()).pages(window, fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) } == ["2024-03-01", "2024-03-02", "2024-03-03"])
    #expect(
      await fake.asked.map(\.target.text) == [
        "/orders?day=2024-03-01", "/orders?day=2024-03-02", "/orders?day=2024-03-02&offset=1",
        "/orders?day=2024-03-03",
      ])
  }

  @Test("bounds go wherever a template stands: into a filter, a header, a graph's variables")
  func places() async throws {
    let fake = try FakeAPI(json: #"{"data":[],"next":null}"#)
    let source = try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(fake.address)", parameters: {account: 7},
        streams: {orders: {key: "order:{parameters.account}:{id}",
          event_time: {field: "at", format: "epoch_seconds"},
          path: "/{parameters.account}/graph", records: "data",
          headers: {"If-Modified-Since": "{window.from}"},
          graphql: {query: "query($q: String) { orders(query: $q) { id } }",
            variables: {q: "at:>='{window.from}' AND at:<'{window.to}'", n: "{page_size:number}",
              after: "{cursor}"}},
          window: {from: "gte", to: "lt", format: "http"},
          pagination: {type: "cursor", path: "next", size: 20}}}}}}
      """)
    #expect(ConnectorFactory.faults(in: source).map(\.description) == [])
    _ = try await connector(source, try factory()).pages(thousandSeconds, fields: idAndTime)
    let asked = await fake.asked.first
    #expect(asked?.method == .post)
    #expect(asked?.target.text == "/7/graph")
    #expect(asked?.headers["If-Modified-Since"] == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(
      asked?.body == #"{"query":"query($q: String) { orders(query: $q) { id } }","variables":"#
        + #"{"q":"at:>='Thu, 01 Jan 1970 00:00:00 GMT' AND at:<'Thu, 01 Jan 1970 00:16:40 GMT'","n":20}}"#
    )
    #expect(source.streams.first?.key.description == "order:7:{id}")
  }

  @Test("a parameter that nobody gave is asked for")
  func missingParameter() throws {
    let source = try source(
      "https://{parameters.shop}.example.com", query: #"a: "{window.from}{window.to}""#,
      window: #"from: "gte", to: "lt", format: "date""#)
    #expect(
      ConnectorFactory.faults(in: source).map(\.description).contains {
        $0.contains("expected shop to be given, as {parameters.shop} is used")
      })
  }
}

import Connectors
import Domain
import HTTP
import JSON
import Testing

/// Streams that are asked for once for each record of another.
struct RestParentTests {
  /// Orders 0 to 24, one a second, ten on a page; order n has n % 4 refunds, two on a page; order 7
  /// is gone when its refunds are asked for.
  private static func fake(without hidden: Set<Int> = []) throws -> FakeAPI {
    try FakeAPI { asked in
      let parts = asked.target.text.prefix { $0 != "?" }.split(separator: "/")
      guard parts.count == 3, let order = Int(parts[1]) else {
        return orders(asked, hidden)
      }
      if order == 7 { return .text(404, "gone") }
      let page = Int(asked.target.value("page") ?? "") ?? 1
      let items = (0..<(order % 4)).dropFirst((page - 1) * 2).prefix(2)
        .map { #"{"id":"\#(order)-\#($0)","amount":\#($0)}"# }
      return .json(#"{"refunds":[\#(items.joined(separator: ","))]}"#)
    }
  }

  private static func orders(_ asked: FakeAPI.Asked, _ hidden: Set<Int>) -> Response {
    let from = Int(asked.target.value("from") ?? "") ?? 0
    let to = Int(asked.target.value("to") ?? "") ?? 0
    let after = Int(asked.target.value("after") ?? "") ?? 0
    let found = (0..<25).filter { $0 >= from && $0 < to }.dropFirst(after).prefix(10)
    let items = found.filter { !hidden.contains($0) }
      .map { #"{"id":\#($0),"at":\#($0),"currency":"E\"UR"}"# }
    let more = found.last.map { $0 + 1 < min(to, 25) } ?? false
    return .json(
      #"{"orders":[\#(items.joined(separator: ","))],"next":\#(more ? "\(after + 10)" : "null")}"#)
  }

  private func source(_ base: String, more: String = "") throws -> SourceDefinition {
    try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(base)",
        errors: [{when: {status: 404}, do: "empty"}],
        streams: {refunds: {key: "refund:{parent.id}:{id}",
          event_time: {field: "parent.at", format: "epoch_seconds"},
          path: "/orders/{parent.id}/refunds", records: "refunds",
          window: {from: "gte", to: "lt", format: "epoch_seconds"},
          pagination: {type: "page", parameter: "page"},
          parent: {path: "/orders", query: {from: "{window.from}", to: "{window.to}"},
            records: "orders",
            pagination: {type: "cursor", path: "next", parameter: "after"}}, \(more)}}}}}
      """)
  }

  private let fields = [
    JSONPath("parent.id"), JSONPath("id"), JSONPath("parent.at"), JSONPath("parent.currency"),
  ]

  private func window(_ from: Int64, _ to: Int64) -> Window {
    Window(
      from: Instant(microseconds: from * 1_000_000), to: Instant(microseconds: to * 1_000_000))
  }

  private func expected(_ orders: Range<Int>) -> [String] {
    orders.filter { $0 != 7 }.flatMap { order in (0..<(order % 4)).map { "\(order)-\($0)" } }
  }

  @Test("every parent of the window is asked for its records, which see its fields")
  func all() async throws {
    let fake = try Self.fake()
    let source = try source(fake.address)
    #expect(ConnectorFactory.faults(in: source).map(\.description) == [])
    let pages = try await connector(source, try factory()).pages(window(3, 25), fields: fields)
    #expect(pages.flatMap { $0.field(1) } == expected(3..<25))
    #expect(
      pages.flatMap { $0.field(0) } == expected(3..<25).map { String($0.prefix { $0 != "-" }) })
    #expect(pages.flatMap { $0.field(2) } == pages.flatMap { $0.field(0) })
    #expect(Set(pages.flatMap { $0.field(3) }) == ["E\"UR"])
    // The records are the bytes that came.
    #expect(pages.flatMap(\.texts).first == #"{"id":"3-0","amount":0}"#)
  }

  @Test("parents that the source gives beyond the window are not asked for")
  func outside() async throws {
    let fake = try Self.fake()
    let text = try source(fake.address)
    var lax = text
    lax.streams[0].settings = try JSONValue.parse(
      text.streams[0].settings.encoded().replacing("\"{window.to}\"", with: "\"99{window.to}\""))
    _ = try await connector(lax, try factory()).pages(window(0, 5), fields: fields)
    let asked = await fake.asked.filter { $0.target.text.contains("/refunds") }
    #expect(Set(asked.map { $0.target.text.prefix { $0 != "?" } }).count == 5)
  }

  @Test("another attempt goes on with the parent at which the last one stopped")
  func resuming() async throws {
    let fake = try Self.fake()
    let definition = try source(fake.address)
    var cursor: String?
    var found: [String?] = []
    // Every page is read by another process.
    repeat {
      let page = try await connector(definition, try factory()).page(
        PageRequest(window: window(0, 25), cursor: cursor, fields: fields))
      found += page.field(1)
      cursor = page.next
    } while cursor != nil
    #expect(found == expected(0..<25))
  }

  @Test("where the parent is not there any more, the partition is read from its beginning")
  func lost() async throws {
    let fake = try Self.fake()
    let connector = try connector(try source(fake.address), try factory())
    var cursor: String?
    for _ in 0..<10 {
      cursor = try await connector.page(
        PageRequest(window: window(0, 25), cursor: cursor, fields: fields)
      ).next
    }
    let changed = try Self.fake(without: Set(0..<10))
    let other = try self.connectorOf(changed)
    let failure = await #expect(throws: SourceFailure.self) {
      try await other.page(PageRequest(window: window(0, 25), cursor: cursor, fields: fields))
    }
    #expect(failure?.kind == .endless)
  }

  private func connectorOf(_ fake: FakeAPI) throws -> any Connector {
    try connector(try source(fake.address), try factory())
  }

  @Test("parents on a page are asked for once for all their records")
  func requests() async throws {
    let fake = try Self.fake()
    let connector = try connectorOf(fake)
    let reader = connector.reader(of: window(0, 25), fields: fields)
    var cursor: String?
    var requests = 0
    repeat {
      let page = try await reader.page(at: cursor)
      requests += page.requests
      cursor = page.next
    } while cursor != nil
    await reader.close()
    #expect(await fake.asked.filter { !$0.target.text.contains("/refunds") }.count == 3)
    #expect(await fake.asked.count == requests)
  }

  @Test("what a child asks of a window or says of time is its parent's")
  func faults() throws {
    let wrong = try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "https://a.test",
        streams: {refunds: {key: "r:{id}", event_time: "created_at",
          path: "/refunds", query: {a: "{window.from}"}, records: "refunds",
          window: {from: "gte", to: "lt", format: "date"}, pagination: {type: "none"},
          parent: {path: "/orders", records: "orders", pagination: {type: "none"}, window: {}}}}}}}
      """)
    let found = ConnectorFactory.faults(in: wrong).map(\.description)
    let place = "sources.shop.streams.refunds"
    for expected in [
      "\(place).parent.window: expected {window.from} in path",
      "\(place).parent: expected no {window.from} beside a parent",
      "\(place).parent: expected {parent.id} or another of its fields",
      "\(place).event_time: expected a field of the parent",
      "\(place).parent: unknown key \"window\"",
    ] {
      #expect(
        found.contains { $0.hasPrefix(expected) }, "\(expected)\n\(found.joined(separator: "\n"))")
    }
  }
}

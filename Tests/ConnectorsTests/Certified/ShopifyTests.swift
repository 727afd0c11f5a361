import Connectors
import Domain
import HTTP
import JSON
import Testing

/// The two manifests of Shopify against a shop that behaves as it is documented.
struct ShopifyTests {
  /// A stream of one of the two APIs, read from a shop.
  struct Reading: Sendable, CustomTestStringConvertible {
    var connector: String
    var stream: String

    /// The list that it comes from.
    var list: String { stream == "refunds" ? "orders" : stream }
    var testDescription: String { "\(connector) \(stream)" }

    static let all = ["shopify", "shopify_rest"].flatMap { connector in
      ["orders", "refunds", "customers", "products"].map {
        Reading(connector: connector, stream: $0)
      }
    }
  }

  /// What a test reads, and what must come of it.
  private struct Case {
    let reading: Reading
    let windows: [Window]
    var items: [FakeShop.Item]
    var settings = FakeShop.Settings()

    init(
      _ connector: String, _ stream: String, seed: UInt64, parts: Int = 6, count: Int = 300,
      heap: Int = 400
    ) {
      var random = Seeded(seed)
      reading = Reading(connector: connector, stream: stream)
      windows = window("2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z").tiled(parts, by: &random)
      let moments = Moments(perSecond: 1)
        .around(windows, count: count, heap: heap, by: &random)
      items = FakeShop.items(reading.list, at: moments, by: &random)
    }

    /// The keys of what the windows hold.
    var expected: Set<String> {
      let inside = items.filter { item in
        windows.contains { $0.contains(Instant(microseconds: item.created * 1_000_000)) }
      }
      let name = reading.stream.dropLast()
      let ids = reading.stream == "refunds" ? inside.flatMap(\.refunds) : inside.map(\.id)
      return Set(ids.map { "shopify:acme:\(name):\($0)" })
    }

    func read(broken: String = "", source: String = "") async throws -> (Harvest, FakeAPI) {
      let shop = try FakeShop(reading.list, items, settings)
      let source = try bundled(
        reading.connector, stream: reading.stream, at: shop.address,
        source: #"parameters: {shop: "acme"}, \#(source)"#, broken: broken)
      let harvest = try await Harvest(
        source, secrets: ["SHOPIFY_ACCESS_TOKEN": FakeShop.token], in: windows)
      return (harvest, shop.api)
    }
  }

  @Test(
    "windows that follow each other bring everything once, page by page",
    arguments: Reading.all, [1, 2] as [UInt64])
  func tiles(reading: Reading, seed: UInt64) async throws {
    let test = Case(reading.connector, reading.stream, seed: seed)
    let (harvest, fake) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [], "seed \(seed)")
    #expect(harvest.pages > test.windows.count)
    #expect(harvest.splits == 0)
    #expect(await fake.asked.count == harvest.pages)
  }

  @Test("beside a link's page nothing else is asked for")
  func linkAlone() async throws {
    let (_, fake) = try await Case("shopify_rest", "refunds", seed: 3).read()
    let later = await fake.asked.filter { $0.target.value("page_info") != nil }
    #expect(!later.isEmpty)
    #expect(
      later.allSatisfy { Set($0.target.query.map(\.name)) == ["limit", "page_info", "fields"] })
  }

  @Test("points that are used up are waited for, though they come with status 200")
  func throttled() async throws {
    var test = Case("shopify", "orders", seed: 4)
    test.settings.trouble = .every(3, FakeShop.throttled)
    let (harvest, _) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.waits >= 3)
  }

  @Test("a full bucket of REST is waited for as long as it says, fractions of seconds included")
  func bucket() async throws {
    var test = Case("shopify_rest", "orders", seed: 5)
    test.settings.trouble = .every(3, FakeShop.tooMany)
    let (harvest, _) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.waits >= 3)
    #expect(harvest.longestWait == 2_000_000)
  }

  @Test("a query that costs too much is asked for in smaller pages, down to what is allowed")
  func tooCostly() async throws {
    let test = Case("shopify", "orders", seed: 6)
    let (harvest, fake) = try await test.read(
      broken: #"pagination: {type: "graphql", path: "data.orders.pageInfo", size: 250}"#)
    #expect(harvest.differences(from: test.expected) == [])
    #expect(await fake.asked.count > harvest.pages)
  }

  @Test(
    "an error with status 200 is never an empty page",
    arguments: [
      (FakeShop.failing("INTERNAL_SERVER_ERROR"), SourceFailure.Kind.unavailable),
      (FakeShop.failing("INTERNAL_SERVER_ERROR", data: nil), .unavailable),
      (FakeShop.failing("ACCESS_DENIED", data: ["orders": nil]), .refused),
      (
        FakeShop.failing(
          "SOMETHING_NEW",
          data: [
            "orders": [
              "nodes": [],
              "pageInfo": [
                "hasNextPage": false, "endCursor": nil,
              ],
            ]
          ]), .refused
      ),
    ])
  func errorsInside(answer: Response, kind: SourceFailure.Kind) async throws {
    var test = Case("shopify", "orders", seed: 7)
    test.settings.trouble = .every(4, answer)
    let (harvest, _) = try await test.read()
    #expect(harvest.failure?.kind == kind)
  }

  @Test("what can be paged through of one query ends, and windows that hold more are halved")
  func depth() async throws {
    var test = Case("shopify", "products", seed: 8, parts: 1, count: 25_500, heap: 0)
    test.settings.readsAllOrders = true
    let (harvest, _) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.splits >= 1)
  }

  @Test("orders are counted towards that end, not the few refunds in them")
  func depthOfParents() async throws {
    for connector in ["shopify", "shopify_rest"] {
      var test = Case(connector, "refunds", seed: 9, parts: 2, count: 1_500, heap: 0)
      test.settings.depth = 500
      let (harvest, _) = try await test.read(
        broken: #"cap: {records: 500, on_hit: "split"}"#)
      #expect(harvest.differences(from: test.expected) == [])
      #expect(harvest.splits >= 1)
    }
  }

  @Test("orders of sixty days are given without the scope for all, and more is warned of")
  func sixtyDays() async throws {
    var test = Case("shopify", "orders", seed: 10)
    test.settings.now = instant("2026-12-01T12:00:00Z")
    let (harvest, shop) = try await test.read()
    #expect(harvest.failure == nil)
    #expect(harvest.keys.count < test.expected.count)
    func retention(_ parameters: String) throws -> Int64? {
      let source = try bundled(
        "shopify", stream: "orders", at: shop.address,
        source: "parameters: {shop: \"acme\" \(parameters)},")
      return ConnectorFactory.horizon(of: source.streams[0], source).retention
    }
    #expect(try retention("") == 60 * 86_400_000_000)
    #expect(try retention(#", order_history: "36500d""#) == 36_500 * 86_400_000_000)
    test.settings.readsAllOrders = true
    #expect(try await test.read().0.differences(from: test.expected) == [])
  }

  /// A connector broken on purpose, and what gives it away.
  struct Trap: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reading: Reading
    var broken: String
    var sign: String

    init(_ name: String, _ connector: String, _ stream: String, _ broken: String, _ sign: String) {
      testDescription = name
      reading = Reading(connector: connector, stream: stream)
      self.broken = broken
      self.sign = sign
    }

    fileprivate static let restWindow =
      #"window: {from: "gte", to: "lte", format: "rfc3339", grain: "second"}"#
  }

  private static let traps = [
    Trap(
      "closed orders are not asked for", "shopify_rest", "orders",
      #"query: {created_at_min: "{window.from}", created_at_max: "{window.to}"}"#, "missing"),
    Trap(
      "seconds are taken for milliseconds, and the end for one before it", "shopify_rest",
      "customers",
      #"query: {created_at_min: "{window.from}", created_at_max: "{window.to}"}, "#
        + #"window: {from: "gte", to: "lte", format: "rfc3339", grain: "minute"}"#, "missing"),
    Trap(
      "the first bound is taken for outside", "shopify_rest", "products",
      #"window: {from: "gte", to: "lte", format: "rfc3339", grain: "hour"}"#, "missing"),
    Trap(
      "only the first page is read", "shopify_rest", "orders",
      #"pagination: {type: "none", size: 250, size_parameter: "limit"}"#, "missing"),
    Trap(
      "pages are numbered, as they were once", "shopify_rest", "orders",
      #"pagination: {type: "page", parameter: "page", size: 250, size_parameter: "limit"}"#,
      "failed: refused"),
    Trap(
      "pages are larger than allowed", "shopify_rest", "orders",
      #"pagination: {type: "link_header", size: 500, size_parameter: "limit"}"#,
      "failed: refused"),
    Trap(
      "the end is taken for inside", "shopify", "orders",
      #"window: {from: "gte", to: "lte", format: "rfc3339", grain: "second"}"#, "missing"),
    Trap(
      "bounds finer than the search can tell apart", "shopify", "products",
      #"window: {from: "gte", to: "lt", format: "rfc3339"}"#, "missing"),
    Trap(
      "more is promised, and the position is not sent", "shopify", "customers",
      #"pagination: {type: "cursor", path: "data.customers.pageInfo.endCursor", parameter: "x", "#
        + #"size: 200}, has_more: "data.customers.pageInfo.hasNextPage", "#
        + #"graphql: {query: "query($first: Int!, $query: String!) { customers(first: $first, "#
        + #"query: $query) { nodes { legacyResourceId createdAt updatedAt } "#
        + #"pageInfo { hasNextPage endCursor } } }", variables: {first: "{page_size:number}", "#
        + #"query: "customer_date:>='{window.from}' AND customer_date:<'{window.to}'"}}"#,
      "failed: endless"),
    Trap(
      "a filter that the search does not know", "shopify", "customers",
      #"graphql: {query: "query($first: Int!, $after: String, $query: String!) { customers("#
        + #"first: $first, after: $after, query: $query) { nodes { legacyResourceId createdAt "#
        + #"updatedAt } pageInfo { hasNextPage endCursor } } }", "#
        + #"variables: {first: "{page_size:number}", after: "{cursor}", "#
        + #"query: "created_at:>='{window.from}' AND created_at:<'{window.to}'"}}"#,
      "failed: refused"),
    Trap(
      "times without quotes", "shopify", "products",
      #"graphql: {query: "query($first: Int!, $after: String, $query: String!) { products("#
        + #"first: $first, after: $after, query: $query) { nodes { legacyResourceId createdAt "#
        + #"updatedAt } pageInfo { hasNextPage endCursor } } }", "#
        + #"variables: {first: "{page_size:number}", after: "{cursor}", "#
        + #"query: "created_at:>={window.from} AND created_at:<{window.to}"}}"#,
      "failed: refused"),
    Trap(
      "refunds are put into windows by their own time", "shopify", "refunds",
      #"event_time: "order.createdAt""#, "rejected"),
  ]

  @Test("a connector broken on purpose is found out", arguments: traps)
  func broken(trap: Trap) async throws {
    let test = Case(trap.reading.connector, trap.reading.stream, seed: 11)
    let (harvest, _) = try await test.read(broken: trap.broken)
    let found = harvest.differences(from: test.expected)
    #expect(found.contains { $0.contains(trap.sign) }, "\(found)")
  }

  @Test("a cap that is passed over loses what lies behind it")
  func capIgnored() async throws {
    var test = Case("shopify", "orders", seed: 12, parts: 2, count: 1_500)
    test.settings.depth = 500
    let (harvest, _) = try await test.read(broken: "cap: null")
    #expect(harvest.differences(from: test.expected).contains { $0.contains("missing") })
    let heeded = try await test.read(broken: #"cap: {records: 500, on_hit: "split"}"#).0
    #expect(heeded.differences(from: test.expected) == [])
  }
}

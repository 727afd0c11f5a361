import JSON
import Testing

@testable import Domain

@Suite("The limits of a source")
struct RequestLimitTests {
  private static let second: Int64 = 1_000_000

  private func read(_ budget: String) throws -> SourceDefinition {
    let text = """
      {sources: {shop: {connector: 'files', concurrency: 9, budget: \(budget), streams: {
        orders: {key: '{id}', event_time: 'created'}}}}}
      """
    let configuration = try Configuration(
      try JSONValue.parse(text, dialect: .json5), connectors: ["files"])
    return try #require(configuration.sources.first)
  }

  static let all: [RequestLimit] = [
    RequestLimit("account", .movingWindow(.init(100, per: second))),
    RequestLimit("burst", .fixedWindow(.init(350, per: second))),
    RequestLimit("steady", .fixedWindow(.init(3_500, per: 60 * second))),
    RequestLimit("calls", .leakyBucket(.init(2, per: second), burst: 40)),
    RequestLimit("tokens", .tokenBucket(.init(25, per: second), burst: 25)),
    RequestLimit("points", .cost(.init(100, per: second), burst: 1_000, each: 12)),
    RequestLimit("jobs", .concurrency(4)),
    RequestLimit("day", .daily(250_000, zone: "Europe/Berlin"), reserve: 0.2),
  ]

  @Test("are read with their defaults, and written as they were read")
  func reads() throws {
    let source = try read(
      """
      [{name: 'account', rate: 100},
        {name: 'burst', algorithm: 'fixed_window', rate: 350, per: '1s'},
        {name: 'steady', algorithm: 'fixed_window', rate: 3500, per: '1min'},
        {name: 'calls', algorithm: 'leaky_bucket', rate: 2, burst: 40},
        {name: 'tokens', algorithm: 'token_bucket', rate: 25},
        {name: 'points', algorithm: 'cost', rate: 100, burst: 1000, cost: 12},
        {name: 'jobs', algorithm: 'concurrency', at_once: 4},
        {name: 'day', algorithm: 'daily', rate: 250000, zone: 'Europe/Berlin', reserve: 0.2}]
      """)
    #expect(source.budget == Self.all)
    #expect(source.concurrency == 9)
    #expect(source.settings == [:])
    for limit in Self.all { #expect(try RequestLimit(json: limit.json) == limit) }
    #expect(try SourceDefinition(json: source.json) == source)
    #expect(try read("[]").budget.isEmpty)
  }

  @Test("have a scope and observe answers, also after they were stored")
  func scopes() throws {
    let limits = try read(
      """
      [{name: 'a', rate: 5, scope: {method: 'POST', path: '/crm/*/search', each: true}},
        {name: 'b', rate: 5, scope: {path: '/v1/**'}, observe: {remaining: 'Left', limit: 'Limit',
          reset: 'Reset', reset_unit: 'epoch'}},
        {name: 'c', rate: 5, observe: {ratio: 'Calls'}},
        {name: 'd', algorithm: 'cost', rate: 5, observe: {body: {available: 'a.b', restore: 'a.c'}}}]
      """
    ).budget
    let path = try #require(PathPattern("/crm/*/search"))
    #expect(limits[0].scope == .endpoint(method: "POST", path: path, each: true))
    #expect(
      limits[1].observed
        == .window(remaining: "Left", limit: "Limit", reset: .init("Reset", .epoch)))
    #expect(limits[2].observed == .ratio("Calls"))
    #expect(
      limits[3].observed
        == .body(available: JSONPath("a.b"), capacity: nil, restore: JSONPath("a.c")))
    for limit in limits { #expect(try RequestLimit(json: limit.json) == limit) }
  }

  @Test("are refused with all their faults at once, each by its path")
  func faults() {
    let faults = #expect(throws: Faults.self) {
      try read(
        """
        [{name: 'a', rate: 0, per: '2y', burst: 5},
          {name: 'a', algorithm: 'moving_windw', rate: 5, reserve: 1.5},
          {algorithm: 'concurrency', rate: 5},
          {name: 'd', algorithm: 'daily', rate: 5, zone: 'PST', per: '1d'},
          {name: 'e', rate: 5, scope: {method: 'get', path: 'v1'}, observe: {limit: 'x'}}]
        """)
    }
    let budget = "sources.shop.budget"
    #expect(
      faults?.faults.map(\.description) == [
        "\(budget)[0].rate: expected rate to be a whole number from 1 to 1000000, got 0",
        "\(budget)[0].per: expected per to be a time of at most 31 days, as 500ms, 1s, 10s, 1min, "
          + "1h or 1d, got \"2y\"",
        "\(budget)[1].algorithm: expected algorithm to be one of \"moving_window\", "
          + "\"fixed_window\", \"token_bucket\", \"leaky_bucket\", \"cost\", \"concurrency\", "
          + "\"daily\", got \"moving_windw\"; did you mean \"moving_window\"?",
        "\(budget)[1].reserve: expected reserve to be a number from 0 to 0.95, got 1.5",
        "\(budget)[1].name: there are two limits \"a\"; rename one",
        "\(budget)[2].name: expected name to be a string that is not empty, got nothing",
        "\(budget)[2].at_once: expected at_once to be a whole number from 1 to 10000, got nothing",
        "\(budget)[3].zone: \"PST\" is not the name of a time zone; did you mean "
          + "America/Los_Angeles?",
        "\(budget)[4].scope.method: expected method to be GET, POST or HEAD, got get",
        "\(budget)[4].scope.path: \"v1\" is no pattern of paths; write /v1/charges, /v1/* or /v1/**",
        "\(budget)[4].observe.remaining: expected remaining to be a string that is not empty, got "
          + "nothing",
        "\(budget)[0]: unknown key \"burst\"", "\(budget)[2]: unknown key \"rate\"",
        "\(budget)[3]: unknown key \"per\"",
      ])
  }

  @Test(
    "count what their pattern says, each endpoint by itself where they are told to",
    arguments: [
      ("/v1/*", "/v1/charges", ["charges"]), ("/v1/*", "/v1/charges/", ["charges"]),
      ("/v1/*", "/v1/charges?a=b", ["charges"]), ("/v1/*", "/v1", nil),
      ("/v1/*", "/v1/charges/ch_1", nil), ("/v1/*/**", "/v1/charges/ch_1/refunds", ["charges"]),
      ("/v1/**", "/v1", []), ("/v1/**", "/v2/x", nil), ("/**", "/", []),
      ("/crm/*/search", "/crm/contacts/search", ["contacts"]),
      ("/crm/*/search", "/crm/contacts/list", nil), ("/a", "/a", []), ("/a", "/b", nil),
    ] as [(String, String, [String]?)])
  func patterns(_ pattern: String, _ path: String, _ stars: [String]?) throws {
    let pattern = try #require(PathPattern(pattern))
    #expect(pattern.match(path) == stars)
    let each = LimitScope.endpoint(method: "GET", path: pattern, each: true)
    #expect(each.bucket(ofMethod: "GET", path: path) == stars?.joined(separator: "/"))
    #expect(each.bucket(ofMethod: "POST", path: path) == nil)
    let together = LimitScope.endpoint(method: nil, path: pattern, each: false)
    #expect(together.bucket(ofMethod: "POST", path: path) == stars.map { _ in "" })
    #expect(LimitScope.source.bucket(ofMethod: "GET", path: path)?.isEmpty == true)
  }

  @Test("bound how many partitions may be read at once, so that each gets its turn")
  func concurrency() {
    func cap(_ rule: RequestLimit.Rule, scope: LimitScope = .source) -> Int? {
      RequestBudget.concurrency(within: [RequestLimit("a", rule, scope: scope)])
    }
    #expect(cap(.movingWindow(.init(1, per: Self.second))) == 4)
    #expect(cap(.movingWindow(.init(1, per: 60 * Self.second))) == 1)
    #expect(cap(.movingWindow(.init(100, per: Self.second))) == 471)
    #expect(cap(.cost(.init(100, per: Self.second), burst: 1_000, each: 50)) == 9)
    #expect(cap(.concurrency(3)) == 3)
    #expect(cap(.daily(10, zone: "UTC")) == nil)
    #expect(RequestBudget.concurrency(within: []) == nil)
    guard let path = PathPattern("/a") else { return }
    #expect(
      cap(.concurrency(3), scope: .endpoint(method: nil, path: path, each: false)) == nil)
  }

  @Test("are said in a few words")
  func words() {
    #expect(
      Self.all.map(Wording.limit) == [
        "account 100 per 1 s", "burst 350 per 1 s", "steady 3,500 per 1 min",
        "calls 2 per 1 s, 40 at once", "tokens 25 per 1 s, 25 at once",
        "points 100 points per 1 s, 1,000 at once", "jobs 4 at once",
        "day 250,000 a day, less 20 % for others",
      ])
  }
}

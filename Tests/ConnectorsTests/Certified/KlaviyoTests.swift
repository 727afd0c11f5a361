import Connectors
import Domain
import HTTP
import JSON
import Testing

/// Klaviyo's manifest against a Klaviyo that behaves as it is documented.
struct KlaviyoTests {
  /// What a test reads, and what must come of it.
  private struct Case {
    let stream: String
    let windows: [Window]
    let items: [FakeKlaviyo.Item]
    var list: String { stream.hasSuffix("campaigns") ? "campaigns" : stream }

    init(_ stream: String, seed: UInt64, parts: Int = 6) {
      var random = Seeded(seed)
      self.stream = stream
      windows = window("2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z").tiled(parts, by: &random)
      let moments = Moments(perSecond: 1)
        .around(windows, count: 300, heap: stream == "events" ? 2_100 : 230, by: &random)
      let list = stream.hasSuffix("campaigns") ? "campaigns" : stream
      items = FakeKlaviyo.items(list, at: moments)
    }

    /// The keys of what the windows hold, archived or not.
    func expected(archived: Bool?) -> Set<String> {
      let inside = items.filter { item in
        windows.contains { $0.contains(Instant(microseconds: item.created * 1_000_000)) }
          && (list != "campaigns" || item.channel == "email")
          && (archived == nil || item.isArchived == archived)
      }
      return Set(inside.map { "klaviyo:ABC123:\(list.dropLast()):\($0.id)" })
    }

    var expected: Set<String> {
      expected(archived: list == "campaigns" ? stream == "archived_campaigns" : nil)
    }

    func read(broken: String = "", trouble: Trouble = .none) async throws -> (Harvest, FakeAPI) {
      let fake = try FakeKlaviyo(list, items, trouble: trouble)
      let source = try bundled(
        "klaviyo", stream: stream, at: "\(fake.api.address)/api",
        source: #"parameters: {account: "ABC123"},"#, broken: broken)
      let harvest = try await Harvest(
        source, secrets: ["KLAVIYO_API_KEY": FakeKlaviyo.key], in: windows)
      return (harvest, fake.api)
    }
  }

  @Test(
    "windows that follow each other bring everything once, page by page",
    arguments: ["events", "profiles", "campaigns", "archived_campaigns"], [1, 2] as [UInt64])
  func tiles(stream: String, seed: UInt64) async throws {
    let test = Case(stream, seed: seed)
    let (harvest, fake) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [], "seed \(seed)")
    #expect(!test.expected.isEmpty)
    #expect(harvest.pages > (test.list == "campaigns" ? 0 : test.windows.count))
    #expect(await fake.asked.count == harvest.pages)
  }

  @Test("campaigns and archived campaigns together are all campaigns of the channel")
  func archived() async throws {
    let current = Case("campaigns", seed: 3)
    let archived = Case("archived_campaigns", seed: 3)
    let keys = try await Set(current.read().0.keys.keys).union(archived.read().0.keys.keys)
    #expect(keys == current.expected(archived: nil))
  }

  @Test("a refusal for being too fast is waited for, as long as it says")
  func throttled() async throws {
    let test = Case("events", seed: 4)
    let (harvest, _) = try await test.read(trouble: .every(3, FakeKlaviyo.throttled))
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.waits >= 3)
    #expect(harvest.longestWait == 1_000_000)
  }

  @Test("what is late is planned again for a week")
  func late() throws {
    let source = try bundled(
      "klaviyo", stream: "events", at: "http://127.0.0.1:1/api",
      source: #"parameters: {account: "ABC123"},"#)
    let horizon = ConnectorFactory.horizon(of: source.streams[0], source)
    let week: Int64 = 604_800_000_000
    let lag: Int64 = 7_200_000_000
    #expect(horizon.reread == week)
    #expect(horizon.settleLag == lag)
  }

  private static let traps: [(name: String, stream: String, broken: String, sign: String)] = [
    (
      "windows end a second early, as in a connector that shipped", "events",
      #"window: {from: "gte", to: "lte", format: "rfc3339", grain: "second"}"#, "missing"
    ),
    (
      "bounds finer than the filter can tell apart", "events",
      #"window: {from: "gte", to: "lt", format: "rfc3339"}"#, "missing"
    ),
    (
      "clocks of another zone sent as UTC", "events",
      #"window: {from: "gte", to: "lt", format: "%Y-%m-%dT%H:%M:%SZ", zone: "America/New_York"}"#,
      "missing"
    ),
    (
      "the first bound is taken for inside", "profiles",
      #"window: {from: "gte", to: "lt", format: "rfc3339", grain: "second"}"#, "missing"
    ),
    (
      "a filter that profiles do not have", "profiles",
      #"query: {filter: "greater-or-equal(created,{window.from}),less-than(created,{window.to})"}"#,
      "failed: refused"
    ),
    (
      "pages as large as those of events", "profiles",
      #"pagination: {type: "next_url", path: "links.next", size: 1000, size_parameter: "page[size]"}"#,
      "failed: refused"
    ),
    ("only the first page is read", "profiles", #"pagination: {type: "none"}"#, "missing"),
    (
      "the next link is looked for in the wrong place", "profiles",
      #"pagination: {type: "next_url", path: "next", size: 100, size_parameter: "page[size]"}"#,
      "failed: invalid_page"
    ),
    (
      "campaigns without a channel", "campaigns",
      #"query: {filter: "greater-or-equal(created_at,{window.from}),"#
        + #"less-than(created_at,{window.to})"}"#, "failed: refused"
    ),
  ]

  @Test("a connector broken on purpose is found out", arguments: traps)
  func broken(
    trap: (name: String, stream: String, broken: String, sign: String)
  ) async throws {
    let test = Case(trap.stream, seed: 5)
    let (harvest, _) = try await test.read(broken: trap.broken)
    let found = harvest.differences(from: test.expected)
    #expect(found.contains { $0.contains(trap.sign) }, "\(trap.name): \(found)")
  }
}

import Connectors
import Domain
import HTTP
import JSON
import Testing

/// HubSpot's manifest against a HubSpot that behaves as it is documented.
struct HubSpotTests {
  /// What a test reads, and what must come of it.
  private struct Case {
    let type: String
    let windows: [Window]
    let items: [FakeHubSpot.Item]

    init(_ type: String, seed: UInt64, parts: Int = 6, count: Int = 300, heap: Int = 450) {
      var random = Seeded(seed)
      self.type = type
      windows = window("2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z").tiled(parts, by: &random)
      let moments = Moments(perSecond: 1_000)
        .around(windows, count: count, heap: heap, by: &random)
      items = FakeHubSpot.items(at: moments, by: &random)
    }

    private var inside: [FakeHubSpot.Item] {
      items.filter { item in
        windows.contains { $0.contains(Instant(microseconds: item.created * 1_000)) }
      }
    }

    /// The keys of what the windows hold.
    var expected: Set<String> {
      let objects = ["contacts": "contact", "companies": "company", "deals": "deal"]
      return Set(inside.map { "hubspot:42:\(objects[type] ?? ""):\($0.id)" })
    }

    func read(broken: String = "", trouble: Trouble = .none) async throws -> (Harvest, FakeAPI) {
      let fake = try FakeHubSpot(type, items, trouble: trouble)
      let source = try bundled(
        "hubspot", stream: type, at: fake.api.address,
        source: #"parameters: {portal: 42, currency: "EUR"},"#, broken: broken)
      let harvest = try await Harvest(
        source, secrets: ["HUBSPOT_ACCESS_TOKEN": FakeHubSpot.token], in: windows)
      return (harvest, fake.api)
    }
  }

  @Test(
    "windows that follow each other bring every object once, page by page",
    arguments: ["contacts", "companies", "deals"], [1, 2] as [UInt64])
  func tiles(type: String, seed: UInt64) async throws {
    let test = Case(type, seed: seed)
    let (harvest, fake) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [], "seed \(seed)")
    #expect(harvest.pages > test.windows.count)
    #expect(harvest.splits == 0)
    #expect(await fake.asked.count == harvest.pages)
  }

  @Test("deals are counted in the currency of the company")
  func amounts() async throws {
    let test = Case("deals", seed: 3)
    let (harvest, _) = try await test.read()
    let expected = Amount(units: Int128(test.expected.count * 1_250), scale: 2)
    #expect(harvest.sums["amount EUR"] == expected)
  }

  @Test("a window of more than 10,000 is halved before anything of it is taken")
  func halved() async throws {
    let test = Case("contacts", seed: 4, parts: 1, count: 11_000, heap: 0)
    let (harvest, _) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.splits == 1)
  }

  @Test("more than 10,000 at one moment are read by their ids, to the end and once")
  func oneMoment() async throws {
    let test = Case("contacts", seed: 5, parts: 1, count: 100, heap: 10_450)
    let (harvest, fake) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.splits > 10)
    #expect(await fake.asked.contains { $0.body.contains(#""operator":"GT""#) })
  }

  @Test("searches that are refused for being too fast are waited for, though no time is said")
  func limits() async throws {
    let test = Case("companies", seed: 6)
    let (harvest, _) = try await test.read(trouble: .every(3, FakeHubSpot.tooMany("SECONDLY")))
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.waits >= 3)
    #expect(harvest.longestWait == 2_000_000)
    let daily = try await test.read(trouble: .every(3, FakeHubSpot.tooMany("DAILY"))).0
    #expect(daily.longestWait == 3_600_000_000)
  }

  private static func body(_ from: String, _ to: String, sort: String, after: Bool) -> String {
    #"body: {filterGroups: [{filters: ["#
      + #"{propertyName: "createdate", operator: "\#(from)", value: "{window.from}"}, "#
      + #"{propertyName: "createdate", operator: "\#(to)", value: "{window.to}"}, "#
      + #"{propertyName: "hs_object_id", operator: "GT", value: "{last_id}"}]}], "#
      + #"sorts: [{propertyName: "\#(sort)", direction: "ASCENDING"}], "#
      + #"limit: "{page_size:number}"\#(after ? #", after: "{cursor}""# : "")}"#
  }

  private static let traps: [(name: String, broken: String, heap: Int, sign: String)] = [
    (
      "the end is taken for inside",
      #"window: {from: "gte", to: "lte", format: "epoch_milliseconds", grain: "millisecond"}"#, 10,
      "missing"
    ),
    (
      "the beginning is left out by the search",
      body("GT", "LT", sort: "hs_object_id", after: true),
      10, "missing"
    ),
    (
      "seconds where milliseconds are told apart",
      #"window: {from: "gte", to: "lte", format: "epoch_milliseconds", grain: "second"}"#, 10,
      "missing"
    ),
    (
      "seconds sent where milliseconds are understood",
      #"window: {from: "gte", to: "lt", format: "epoch_seconds"}"#, 10, "missing"
    ),
    (
      "the position is sent where nobody looks",
      body("GTE", "LT", sort: "hs_object_id", after: false)
        + #", pagination: {type: "cursor", path: "paging.next.after", parameter: "after", size: 200}"#,
      450, "failed: endless"
    ),
    (
      "only the first page is read",
      #"total: null, pagination: {type: "none", size: 200}, "#
        + body("GTE", "LT", sort: "hs_object_id", after: false), 450, "missing"
    ),
    (
      "pages are larger than allowed",
      #"pagination: {type: "cursor", path: "paging.next.after", size: 500}"#, 10,
      "failed: refused"
    ),
    (
      "the cap is passed over",
      "cap: null, "
        + body("GTE", "LT", sort: "createdate", after: true)
        .replacing(
          #", {propertyName: "hs_object_id", operator: "GT", value: "{last_id}"}"#, with: ""),
      10_450, "failed: refused"
    ),
    (
      "at one moment there is no way on without ids",
      #"cap: {records: 10000, on_hit: "split"}, "#
        + body("GTE", "LT", sort: "createdate", after: true)
        .replacing(
          #", {propertyName: "hs_object_id", operator: "GT", value: "{last_id}"}"#, with: ""),
      10_450, "failed: refused"
    ),
    (
      "the reading goes on by ids in an order that is not theirs",
      body("GTE", "LT", sort: "createdate", after: true), 10_450, "missing"
    ),
  ]

  @Test("a connector broken on purpose is found out", arguments: traps)
  func broken(trap: (name: String, broken: String, heap: Int, sign: String)) async throws {
    let test = Case("contacts", seed: 7, parts: trap.heap > 1_000 ? 1 : 6, heap: trap.heap)
    let (harvest, _) = try await test.read(broken: trap.broken)
    let found = harvest.differences(from: test.expected)
    #expect(found.contains { $0.contains(trap.sign) }, "\(trap.name): \(found)")
  }
}

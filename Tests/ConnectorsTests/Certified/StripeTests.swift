import Connectors
import Domain
import HTTP
import JSON
import Testing

/// Stripe's manifest against a Stripe that behaves as it is documented.
struct StripeTests {
  /// What a test reads, and what must come of it.
  private struct Case {
    let path: String
    let windows: [Window]
    var items: [FakeStripe.Item]
    let now = instant("2026-10-20T12:00:00Z")

    init(_ path: String, seed: UInt64, parts: Int = 6) {
      var random = Seeded(seed)
      self.path = path
      windows = window("2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z").tiled(parts, by: &random)
      let moments = Moments(perSecond: 1).around(windows, count: 300, heap: 230, by: &random)
      items = FakeStripe.items(path, at: moments, by: &random)
    }

    private var inside: [FakeStripe.Item] {
      items.filter { item in
        windows.contains { $0.contains(Instant(microseconds: item.created * 1_000_000)) }
      }
    }

    /// The keys of what the windows hold.
    var expected: Set<String> {
      let object = FakeStripe.lists.first { $0.path == path }?.object ?? ""
      return Set(inside.filter { $0.gone == .max }.map { "stripe:\(object):\($0.id)" })
    }

    /// The sum of a field in the smallest units of a currency.
    func sum(_ field: String, _ currency: String) -> Int {
      inside.filter { $0.json["currency"]?.string == currency }
        .reduce(0) { $0 + ($1.json[field]?.int ?? 0) }
    }

    func read(broken: String = "", trouble: Trouble = .none) async throws -> (Harvest, FakeAPI) {
      let fake = try FakeStripe(path, items, now: now, trouble: trouble)
      let source = try bundled("stripe", stream: path, at: fake.api.address, broken: broken)
      let harvest = try await Harvest(
        source, secrets: ["STRIPE_API_KEY": FakeStripe.key], in: windows)
      return (harvest, fake.api)
    }
  }

  @Test(
    "windows that follow each other bring every object once, page by page",
    arguments: FakeStripe.lists.map(\.path), [1, 2] as [UInt64])
  func tiles(path: String, seed: UInt64) async throws {
    let test = Case(path, seed: seed)
    let (harvest, fake) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [], "seed \(seed)")
    #expect(harvest.pages > test.windows.count)
    let asked = await fake.asked
    #expect(asked.count == harvest.pages)
    #expect(asked.allSatisfy { $0.target.value("limit") == "100" })
    #expect(asked.allSatisfy { $0.headers["Stripe-Version"] == "2026-10-28.endive" })
  }

  @Test("the smallest window of the source, a second, is read by itself")
  func seconds() async throws {
    var test = Case("charges", seed: 3)
    let start = test.windows[0].from
    let moments = (0..<20).map { start.microseconds / 1_000_000 + $0 / 2 }
    var random = Seeded(3)
    test.items = FakeStripe.items("charges", at: moments, by: &random)
    let fake = try FakeStripe("charges", test.items, now: test.now)
    let source = try bundled("stripe", stream: "charges", at: fake.api.address)
    for second in 0..<10 {
      let from = start.adding(microseconds: Int64(second) * 1_000_000)
      let window = Window(from: from, to: from.adding(microseconds: 1_000_000))
      let harvest = try await Harvest(
        source, secrets: ["STRIPE_API_KEY": FakeStripe.key], in: [window])
      let ids = test.items[second * 2...second * 2 + 1].map { "stripe:charge:\($0.id)" }
      #expect(harvest.differences(from: Set(ids)) == [])
    }
  }

  @Test("amounts are counted in the smallest units of each currency, as Stripe counts them")
  func amounts() async throws {
    let test = Case("charges", seed: 4)
    let (harvest, _) = try await test.read()
    for (currency, places) in [("eur", 2), ("usd", 2), ("jpy", 0), ("kwd", 3), ("isk", 2)] {
      let expected = Amount(units: Int128(test.sum("amount", currency)), scale: 0)
        .shifted(by: places)
      #expect(harvest.sums["amount \(currency.uppercased())"] == expected)
    }
  }

  @Test("refunds count as money that goes out")
  func refunds() async throws {
    let test = Case("refunds", seed: 5)
    let (harvest, _) = try await test.read()
    let expected = Amount(units: Int128(-test.sum("amount", "eur")), scale: 2)
    #expect(harvest.sums["amount EUR"] == expected)
  }

  @Test(
    "both limiters are waited for, and cost no attempt", arguments: ["rate_limit", "lock_timeout"])
  func limits(code: String) async throws {
    let test = Case("charges", seed: 6)
    let (harvest, _) = try await test.read(trouble: .every(3, FakeStripe.tooMany(code)))
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.waits > 3)
  }

  @Test("an object deleted while its page is the last one read begins the window anew")
  func vanished() async throws {
    var test = Case("customers", seed: 7, parts: 1)
    let sorted = test.items.enumerated()
      .filter { test.windows[0].contains(Instant(microseconds: $0.element.created * 1_000_000)) }
      .sorted { ($0.element.created, $0.offset) > ($1.element.created, $1.offset) }
    test.items[sorted[99].offset].gone = 1
    let (harvest, _) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    #expect(harvest.restarts == 1)
  }

  @Test("events are given for thirty days, and more is warned of")
  func retention() async throws {
    var test = Case("events", seed: 8)
    for place in test.items.indices where place % 2 == 0 {
      test.items[place].created -= 40 * 86_400
    }
    let (harvest, fake) = try await test.read()
    #expect(harvest.differences(from: test.expected) == [])
    let source = try bundled("stripe", stream: "events", at: fake.address)
    let thirtyDays: Int64 = 2_592_000_000_000
    let horizon = ConnectorFactory.horizon(of: source.streams[0], source)
    #expect(horizon.retention == thirtyDays)
  }

  @Test("a key that is refused is told as such")
  func refused() async throws {
    let test = Case("charges", seed: 9)
    let fake = try FakeStripe("charges", test.items, now: test.now)
    let source = try bundled("stripe", stream: "charges", at: fake.api.address)
    let harvest = try await Harvest(
      source, secrets: ["STRIPE_API_KEY": "sk_other"], in: test.windows)
    #expect(harvest.failure?.kind == .unauthorized)
    #expect(harvest.failure?.message.contains("sk_other") == false)
  }

  /// How a connector may be broken, and what gives it away.
  private static let traps: [(name: String, broken: String, sign: String)] = [
    (
      "the last second is taken for inside, and asked for without it",
      #"window: {from: "gte", to: "lte", format: "epoch_seconds", grain: "second"}"#, "missing"
    ),
    (
      "the first second is taken for outside, and asked for without it",
      #"window: {from: "gte", to: "lt", format: "epoch_seconds"}, "#
        + #"query: {"created[gt]": "{window.from}", "created[lt]": "{window.to}"}"#, "missing"
    ),
    (
      "bounds are cut to minutes that the source tells apart",
      #"window: {from: "gte", to: "lte", format: "epoch_seconds", grain: "minute"}"#, "missing"
    ),
    (
      "only the first page is read", #"has_more: null, pagination: {type: "none"}"#, "missing"
    ),
    (
      "more is promised, and nobody says where", #"pagination: {type: "none"}"#,
      "failed: invalid_page"
    ),
    (
      "the position is dropped",
      #"pagination: {type: "last_id", path: "object", parameter: "starting_after", size: 100, "#
        + #"size_parameter: "limit"}"#, "failed: endless"
    ),
    (
      "pages go back instead of on",
      #"pagination: {type: "last_id", path: "id", parameter: "ending_before", size: 100, "#
        + #"size_parameter: "limit"}"#, "failed: refused"
    ),
    (
      "pages are larger than allowed",
      #"pagination: {type: "last_id", path: "id", parameter: "starting_after", size: 250, "#
        + #"size_parameter: "limit"}"#, "failed: refused"
    ),
    (
      "a page of ten, the default, is taken for a short one",
      #"has_more: null, pagination: {type: "last_id", path: "id", parameter: "starting_after", "#
        + #"size: 100, short_page_ends: true}"#, "missing"
    ),
    (
      "the oldest are taken to come first",
      #"window: {mode: "from_only", from: "gte", format: "epoch_seconds", order: "ascending"}, "#
        + #"query: {"created[gte]": "{window.from}"}"#, "missing"
    ),
    (
      "another time is read than is asked for",
      #"event_time: {field: "data.object.created", format: "epoch_seconds"}"#, "missing"
    ),
  ]

  @Test("a connector broken on purpose is found out", arguments: traps)
  func broken(trap: (name: String, broken: String, sign: String)) async throws {
    let test = Case("events", seed: 10)
    let (harvest, _) = try await test.read(broken: trap.broken)
    let found = harvest.differences(from: test.expected)
    #expect(found.contains { $0.contains(trap.sign) }, "\(trap.name): \(found)")
  }
}

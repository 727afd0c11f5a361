import JSON
import Testing

@testable import Domain

@Suite("What answers say of a quota")
struct QuotaReadingTests {
  private static let second: Int64 = 1_000_000

  private func answer(
    _ headers: [String: String] = [:], body: JSONValue = .null,
    at time: String = "2026-11-21T14:00:00Z"
  ) throws -> QuotaAnswer {
    QuotaAnswer(
      refusal: nil, now: try #require(Instant(time)), header: { headers[$0] },
      value: { body[$0] })
  }

  private static let window = QuotaFields.window(
    remaining: "Left", limit: "Limit", reset: .init("Reset", .seconds))

  @Test(
    "a reset is understood in each of its units",
    arguments: [
      (QuotaFields.Reset.Unit.seconds, "30", 30_000_000), (.seconds, "0.5", 500_000),
      (.milliseconds, "1500", 1_500_000), (.epoch, "1795269620", 20_000_000),
      (.epoch, "1795269620500", 20_500_000), (.iso, "2026-11-21T14:03:20Z", 200_000_000),
      (.iso, "2026-11-21T13:00:00Z", 0), (.seconds, "99999999999", 2_678_400_000_000),
    ])
  func units(_ unit: QuotaFields.Reset.Unit, _ text: String, _ wait: Int64) throws {
    let fields = QuotaFields.window(remaining: "Left", limit: nil, reset: .init("Reset", unit))
    #expect(
      fields.reading(of: try answer(["Left": "7", "Reset": text]))
        == .window(remaining: 7, limit: nil, resetIn: wait))
  }

  @Test("rubbish says nothing")
  func rubbish() throws {
    for headers in [[:], ["Left": ""], ["Left": "many"], ["Left": "-3"]] {
      #expect(Self.window.reading(of: try answer(headers)) == nil)
    }
    #expect(
      Self.window.reading(of: try answer(["Left": "3", "Reset": "soon", "Limit": "?"]))
        == .window(remaining: 3, limit: nil, resetIn: nil))
    for text in ["", "/", "32", "32/", "a/b", "99999999999999999999/40"] {
      #expect(QuotaFields.ratio("Calls").reading(of: try answer(["Calls": text])) == nil)
    }
  }

  @Test("a ratio is how much of a bucket is used")
  func ratio() throws {
    let fields = QuotaFields.ratio("Calls")
    #expect(
      fields.reading(of: try answer(["Calls": "32/40"]))
        == .bucket(available: 8, capacity: 40, restore: nil))
    #expect(
      fields.reading(of: try answer(["Calls": "api-usage=18/5000"]))
        == .bucket(available: 4_982, capacity: 5_000, restore: nil))
  }

  @Test("a body says what GraphQL sources count")
  func body() throws {
    let fields = QuotaFields.body(
      available: JSONPath("cost.currentlyAvailable"), capacity: JSONPath("cost.maximumAvailable"),
      restore: JSONPath("cost.restoreRate"))
    let body: JSONValue = [
      "cost": [
        "maximumAvailable": .number("1000.0"), "currentlyAvailable": .number("946"),
        "restoreRate": .number("50.0"),
      ]
    ]
    #expect(
      fields.reading(of: try answer(body: body))
        == .bucket(available: 946, capacity: 1_000, restore: 50))
    let limit = RequestLimit(
      "points", .cost(.init(100, per: Self.second), burst: 1_000, each: 10), observed: fields)
    let slower = try #require(limit.lowering(by: try answer(body: body)))
    #expect(slower.available == nil)
    // Half as fast as declared, and a little slower than that.
    #expect((20_000...21_000).contains(try #require(slower.spacing)))
  }

  @Test("an answer lowers a limit only where it allows less than was thought")
  func lowering() throws {
    let limit = RequestLimit(
      "account", .fixedWindow(.init(100, per: 10 * Self.second)), observed: Self.window)
    func said(_ left: String, _ reset: String, of count: String = "100") throws -> Lowering? {
      limit.lowering(by: try answer(["Left": left, "Reset": reset, "Limit": count]))
    }
    // As many are left as the time allows: somebody may ask on as before.
    #expect(try said("99", "10") == Lowering(spacing: 0))
    #expect(try said("50", "5") == Lowering(spacing: 0))
    // Others ask too.
    #expect(
      try said("10", "5") == Lowering(left: .init(10, within: 5 * Self.second), spacing: 0))
    #expect(try said("0", "5") == Lowering(left: .init(0, within: 5 * Self.second), spacing: 0))
    // A smaller plan.
    let smaller = try #require(try said("49", "10", of: "50"))
    #expect((200_000...220_000).contains(try #require(smaller.spacing)))
  }

  @Test("what is reserved for others is taken off what is left")
  func reserve() throws {
    let limit = RequestLimit(
      "day", .daily(250_000, zone: "UTC"), reserve: 0.2,
      observed: .window(remaining: "Left", limit: "Limit", reset: nil))
    func said(_ left: String) throws -> Lowering? {
      limit.lowering(by: try answer(["Left": left, "Limit": "250000"]))
    }
    #expect(try said("200000") == nil)
    #expect(try said("50100")?.left?.count == 100)
    #expect(try said("40000")?.left?.count == 0)
  }

  @Test("of a bucket only what is nearly empty matters")
  func bucket() throws {
    let limit = RequestLimit(
      "bucket", .leakyBucket(.init(2, per: Self.second), burst: 40), observed: .ratio("Calls"))
    #expect(limit.lowering(by: try answer(["Calls": "20/40"])) == nil)
    #expect(limit.lowering(by: try answer(["Calls": "39/40"])) == Lowering(available: 1))
    #expect(limit.lowering(by: try answer(["Calls": "41/40"])) == Lowering(available: 0))
  }
}

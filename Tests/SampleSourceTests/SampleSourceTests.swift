import HTTP
import JSON
import Outbound
import Testing

@testable import SampleSource

private let lastDay = SampleDay(number: 20_600)

private func day(_ age: Int) -> SampleDay { SampleDay(number: lastDay.number - age) }

/// The records of a window, read page by page over HTTP as a client would, and all statuses seen.
private struct Reader {
  let client: HTTPClient
  let source: SampleSource
  var token = "sample-token"

  init(_ source: SampleSource) throws {
    client = try HTTPClient()
    self.source = source
  }

  func get(_ url: URLReference) async throws -> OutboundResponse {
    try await client.send(
      OutboundRequest(.get, url, headers: ["Authorization": "Bearer \(token)"]))
  }

  func url(_ stream: SampleStream, _ query: String) throws -> URLReference {
    try URLReference("http://127.0.0.1:\(source.port)/v1/\(stream.rawValue)?\(query)")
  }

  func window(_ stream: SampleStream, from: SampleDay, to: SampleDay, limit: Int = 100) throws
    -> URLReference
  {
    try url(stream, "created_from=\(from)T00:00:00Z&created_to=\(to)T00:00:00Z&limit=\(limit)")
  }

  /// All records from a first page on; a page that fails is asked for again, up to a number of
  /// times.
  func records(_ first: URLReference, attempts: Int = 1) async throws -> [JSONObject] {
    var records: [JSONObject] = []
    var next: URLReference? = first
    while let url = next {
      var response = try await get(url)
      for _ in 1..<attempts where response.status != 200 { response = try await get(url) }
      let page = try object(response)
      guard case .array(let data)? = page["data"] else { throw Unexpected() }
      records += try data.map { value in
        guard case .object(let record) = value else { throw Unexpected() }
        return record
      }
      if case .string(let link)? = page["next"] {
        #expect(page["has_more"] == .bool(true))
        next = try url.resolving(link)
      } else {
        #expect(page["has_more"] == .bool(false))
        next = nil
      }
    }
    return records
  }

  func object(_ response: OutboundResponse) throws -> JSONObject {
    guard response.status == 200, case .object(let page) = try JSONValue.parse(response.body)
    else { throw Unexpected() }
    return page
  }
}

private struct Unexpected: Error {}

private func text(_ record: JSONObject, _ key: String) -> String {
  if case .string(let text)? = record[key] { text } else { "" }
}

/// Amounts of two decimals as cents.
private func cents(_ amount: String) -> Int {
  Int(amount.filter { $0 != "." }) ?? .min
}

private func makeSource(_ change: (inout SampleConfiguration) -> Void = { _ in }) throws
  -> SampleSource
{
  var configuration = SampleConfiguration(lastDay: lastDay)
  change(&configuration)
  return try SampleSource(configuration, now: { 0 })
}

@Suite("SampleSource", .timeLimit(.minutes(1)))
struct SampleSourceTests {
  @Test("what is read over HTTP is what the source said it holds", arguments: SampleStream.allCases)
  func totals(_ stream: SampleStream) async throws {
    let source = try makeSource { $0.behaviours = [:] }
    let reader = try Reader(source)
    var all: Set<String> = []
    var read = 0
    for age in [0, 1, 2, 35, 36, 119] {
      let records = try await reader.records(
        try reader.window(stream, from: day(age), to: day(age - 1), limit: 37))
      let expected = source.expected(stream, on: day(age))
      #expect(records.count == expected.count)
      var sums: [String: Int] = [:]
      for record in records {
        sums[text(record, "currency"), default: 0] += cents(text(record, "amount"))
      }
      #expect(sums == expected.sums.mapValues(cents))
      let times = records.map { text($0, "created_at") }
      #expect(times == times.sorted())
      #expect(times.allSatisfy { $0.hasPrefix("\(day(age))T") })
      all.formUnion(records.map { text($0, "id") })
      read += records.count
    }
    #expect(all.count == read)
    #expect(read > 0)
  }

  @Test("records look like a shop's: about 450 bytes, decimal amounts, nested objects")
  func shape() async throws {
    let source = try makeSource { $0.behaviours = [:] }
    let reader = try Reader(source)
    let response = try await reader.get(try reader.window(.orders, from: day(1), to: day(0)))
    let records = try await reader.records(try reader.window(.orders, from: day(1), to: day(0)))
    #expect(response.headers["Content-Type"] == "application/json")
    #expect((350...550).contains(response.body.count / 100))
    let order = try #require(records.first)
    #expect(
      order.members.map(\.key) == [
        "id", "created_at", "updated_at", "status", "currency", "amount", "customer", "items",
      ])
    #expect(Timestamp(text(order, "updated_at")) != nil)
    #expect(text(order, "amount").split(separator: ".").last?.count == 2)
  }

  @Test("a window is half-open and may begin within a day; all windows together are the whole")
  func windows() async throws {
    let source = try makeSource { $0.behaviours = [:] }
    let reader = try Reader(source)
    let bounds =
      ["T00:00:00Z", "T07:30:00Z", "T12:00:00%2B02:00", "T23:59:59.999Z"].map { "\(day(4))\($0)" }
      + ["\(day(3))"]
    var ids: [String] = []
    for (from, to) in zip(bounds, bounds.dropFirst()) {
      ids += try await reader.records(
        try reader.url(.orders, "created_from=\(from)&created_to=\(to)&limit=10")
      ).map { text($0, "id") }
    }
    let whole = try await reader.records(try reader.window(.orders, from: day(4), to: day(3)))
    #expect(ids == whole.map { text($0, "id") })
    let moment = text(whole[5], "created_at")
    let from = try await reader.records(
      try reader.url(.orders, "created_from=\(moment)&created_to=\(day(3))"))
    #expect(from.map { text($0, "id") } == Array(ids[5...]))
    let to = try await reader.records(
      try reader.url(.orders, "created_from=\(day(4))&created_to=\(moment)"))
    #expect(to.map { text($0, "id") } == Array(ids[..<5]))
    let week = try await reader.records(
      try reader.window(.orders, from: day(7), to: day(0), limit: 1000))
    #expect(week.count == (1...7).reduce(0) { $0 + source.expected(.orders, on: day($1)).count })
    let far = try await reader.records(
      try reader.url(.orders, "created_from=1970-01-01&created_to=9999-01-01&limit=1000"))
    #expect(far.count == (0..<120).reduce(0) { $0 + source.expected(.orders, on: day($1)).count })
  }

  @Test("days are uneven: weekends are quiet, a promotion is not, and there is no end beyond")
  func volume() throws {
    let source = try makeSource()
    let counts = (0..<120).map { source.expected(.orders, on: day($0)).count }
    let total = counts.reduce(0, +)
    #expect((20_000...28_000).contains(total))
    #expect(counts.max() == counts[36])
    let weekends = (0..<120).filter { day($0).weekday > 4 && !(34...36).contains($0) }
    let workdays = (0..<120).filter { day($0).weekday < 5 && !(34...36).contains($0) }
    func mean(_ ages: [Int]) -> Int { ages.reduce(0) { $0 + counts[$1] } / ages.count }
    #expect(mean(weekends) * 10 < mean(workdays) * 8)
    #expect(source.expected(.orders, on: day(120)).count == 0)
    #expect(source.expected(.orders, on: day(-1)).count == 0)
  }

  @Test("the same seed is the same shop, another seed another one")
  func deterministic() async throws {
    func page(_ seed: UInt64) async throws -> [UInt8] {
      let source = try makeSource {
        $0.behaviours = [:]
        $0.seed = seed
      }
      let reader = try Reader(source)
      return try await reader.get(try reader.window(.orders, from: day(1), to: day(0), limit: 5))
        .body
        .split(separator: UInt8(ascii: "]")).dropLast().joined().map { $0 }
    }
    let first = try await page(7)
    #expect(try await page(7) == first)
    #expect(try await page(8) != first)
  }

  @Test("a rate limited day answers 429 with Retry-After for its first requests")
  func rateLimited() async throws {
    let source = try makeSource { $0.behaviours = [5: .rateLimited(first: 2)] }
    let reader = try Reader(source)
    let url = try reader.window(.orders, from: day(5), to: day(4))
    for expected in [429, 429, 200, 200] {
      let response = try await reader.get(url)
      #expect(response.status == expected)
      #expect(response.headers["Retry-After"] == (expected == 429 ? "1" : nil))
    }
  }

  @Test("a faltering day fails now and then, but never twice in a row")
  func faltering() async throws {
    let source = try makeSource { $0.behaviours = [5: .faltering] }
    let reader = try Reader(source)
    let url = try reader.window(.orders, from: day(5), to: day(4))
    var statuses: [Int] = []
    for _ in 0..<6 { statuses.append(try await reader.get(url).status) }
    #expect(statuses == [500, 200, 200, 500, 200, 200])
  }

  @Test("a broken day is broken for good, alone or inside a longer window")
  func broken() async throws {
    let source = try makeSource { $0.behaviours = [5: .broken] }
    let reader = try Reader(source)
    for _ in 0..<4 {
      let response = try await reader.get(try reader.window(.orders, from: day(5), to: day(4)))
      #expect(response.status == 500)
      #expect(String(decoding: response.body, as: UTF8.self).contains("storage_error"))
    }
    #expect(
      try await reader.get(try reader.window(.orders, from: day(6), to: day(5))).status == 200)
    let across = try await reader.get(
      try reader.window(.orders, from: day(6), to: day(4), limit: 1000))
    #expect(across.status == 500)
  }

  @Test("the realistic moods let 89 of the last 90 days be read, one not")
  func realistic() async throws {
    let source = try makeSource { $0.ordersPerDay = 20 }
    let reader = try Reader(source)
    var failed: [Int] = []
    for age in 0..<90 {
      do {
        let records = try await reader.records(
          try reader.window(.orders, from: day(age), to: day(age - 1)), attempts: 4)
        #expect(records.count == source.expected(.orders, on: day(age)).count)
      } catch is Unexpected {
        failed.append(age)
      }
    }
    #expect(failed == [25])
    let statuses = await source.requests.map(\.status)
    #expect(Set(statuses) == [200, 429, 500])
    #expect(statuses.filter { $0 == 429 }.count == 8)
  }

  @Test(
    "a request that is not understood is refused, with a sentence",
    arguments: [
      "created_to=2026-01-01", "created_from=2026-01-01", "created_from=x&created_to=2026-01-01",
      "created_from=2026-01-01T00:00:00&created_to=2026-01-02",
      "created_from=2026-02-30&created_to=2026-03-01",
      "created_from=2026-01-01&created_to=2026-01-02&limit=0",
      "created_from=2026-01-01&created_to=2026-01-02&limit=1001",
      "created_from=2026-01-01&created_to=2026-01-02&limit=-5",
      "created_from=2026-01-01&created_to=2026-01-02&cursor=x",
      "created_from=2026-01-01&created_to=2026-01-02&cursor=c_zzzzzzzzzzzzzz_1",
      "created_from=2026-01-01&created_to=2026-01-02&page=2",
    ])
  func refused(_ query: String) async throws {
    let reader = try Reader(try makeSource())
    let response = try await reader.get(try reader.url(.orders, query))
    #expect(response.status == 400)
    #expect(String(decoding: response.body, as: UTF8.self).contains("\"detail\""))
  }

  @Test("without the token there is nothing to see")
  func unauthorized() async throws {
    let source = try makeSource()
    var reader = try Reader(source)
    reader.token = "another"
    let response = try await reader.get(try reader.window(.orders, from: day(1), to: day(0)))
    #expect(response.status == 401)
    #expect(await source.requests.map(\.status) == [401])
  }

  @Test("a shop of millions is asked anywhere without being built")
  func large() async throws {
    let source = try makeSource {
      $0.behaviours = [:]
      $0.ordersPerDay = 1_000_000
    }
    let reader = try Reader(source)
    let records = try await reader.object(
      reader.get(
        try reader.url(
          .orders, "created_from=\(day(60))T12:00:00Z&created_to=\(day(59))&limit=1000")))
    guard case .array(let data)? = records["data"] else { throw Unexpected() }
    #expect(data.count == 1000)
  }

  @Test("answers are held back where that is wanted")
  func latency() async throws {
    let source = try makeSource { $0.latency = .milliseconds(30) }
    let reader = try Reader(source)
    let url = try reader.window(.orders, from: day(1), to: day(0))
    let time = try await ContinuousClock().measure { _ = try await reader.get(url) }
    #expect(time >= .milliseconds(30))
  }
}

import Connectors
import Domain
import HTTP
import JSON
import Testing

/// What answers mean by a manifest's table.
struct RestErrorRuleTests {
  private func source(_ base: String, errors: String, more: String = "") throws -> SourceDefinition
  {
    try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(base)", errors: [\(errors)],
        streams: {orders: {key: "order:{id}", event_time: {field: "at", format: "epoch_seconds"},
          path: "/orders", query: {from: "{window.from}", to: "{window.to}"},
          window: {from: "gte", to: "lt", format: "epoch_seconds"}, records: "data.orders",
          pagination: {type: "cursor", path: "data.after", parameter: "after", size: 40,
            size_parameter: "first"}, \(more)}}}}}
      """)
  }

  /// What becomes of one answer under rules: the failure, or nil for pages.
  private func failure(
    _ response: Response, errors: String, now: Instant = Instant(microseconds: 0)
  ) async throws -> SourceFailure? {
    let fake = try FakeAPI { _ in response }
    let connector = try connector(
      try source(fake.address, errors: errors), try factory(now: now))
    do {
      _ = try await connector.pages(thousandSeconds, fields: idAndTime)
      return nil
    } catch let failure as SourceFailure {
      return failure
    }
  }

  private let throttled =
    #"{"errors":[{"message":"x"},{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"data":null}"#
  private let page = #"{"data":{"orders":[],"after":null}}"#

  @Test("an answer of 200 that carries an error is one, whether or not records stand beside it")
  func inBody() async throws {
    let rule =
      #"{when: {path: "errors[].extensions.code", equals: "THROTTLED"}, do: "rate_limited", wait: {seconds: 3}}"#
    let limited = try await failure(.json(throttled), errors: rule)
    #expect(limited?.kind == .rateLimited)
    #expect(limited?.retryAfter == 3_000_000)
    let beside =
      #"{"data":{"orders":[{"id":"a","at":1}],"after":null},"errors":[{"extensions":{"code":"THROTTLED"}}]}"#
    #expect(try await failure(.json(beside), errors: rule)?.kind == .rateLimited)
    #expect(try await failure(.json(page), errors: rule) == nil)
    // Without the rule it is at least no empty page.
    #expect(try await failure(.json(throttled), errors: "")?.kind == .invalidPage)
  }

  @Test("any error in the body can be made one, empty lists aside")
  func anyError() async throws {
    let rule = #"{when: {path: "errors"}, do: "fail", message: "the query is refused."}"#
    let failed = try await failure(.json(throttled), errors: rule)
    #expect(failed?.kind == .refused)
    #expect(failed?.message == "shop: the query is refused.")
    let sound = #"{"errors":[],"data":{"orders":[],"after":null}}"#
    #expect(try await failure(.json(sound), errors: rule) == nil)
  }

  @Test(
    "each action has its kind",
    arguments: [
      ("retry", SourceFailure.Kind.unavailable), ("rate_limited", .rateLimited), ("fail", .refused),
      ("split", .windowTooLarge), ("restart", .endless),
    ])
  func kinds(action: String, kind: SourceFailure.Kind) async throws {
    let rule = #"{when: {status: [404, "41x", 410]}, do: "\#(action)"}"#
      .replacing("\"41x\", ", with: "")
    #expect(try await failure(.text(404, "gone"), errors: rule)?.kind == kind)
    #expect(try await failure(.text(410, "gone"), errors: rule)?.kind == kind)
    #expect(try await failure(.text(400, "bad"), errors: rule)?.kind == .refused)
  }

  @Test("the first rule that fits counts, the stream's before the source's, then the status alone")
  func order() async throws {
    let fake = try FakeAPI { _ in .text(400, #"{"error":{"type":"overloaded"}}"#) }
    let source = try source(
      fake.address, errors: #"{when: {status: "4xx"}, do: "fail"}"#,
      more: #"errors: [{when: {status: 400, path: "error.type", contains: "load"}, do: "retry"}]"#)
    let connector = try connector(source, try factory())
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.kind == .unavailable)
  }

  @Test("what means that there is nothing ends the partition without records")
  func empty() async throws {
    let rule = #"{when: {status: 404, contains: "no data"}, do: "empty"}"#
    #expect(try await failure(.text(404, "there is no data"), errors: rule) == nil)
    #expect(try await failure(.text(404, "no such stream"), errors: rule)?.kind == .refused)
  }

  @Test(
    "how long to wait is read where the rule says, in its unit, and up to its bound",
    arguments: [
      (#"{header: "X-Reset"}"#, "12", 12_000_000), (#"{header: "X-Reset"}"#, "0.25", 250_000),
      (#"{header: "X-Reset", as: "milliseconds"}"#, "1500", 1_500_000),
      (#"{header: "X-Reset", as: "epoch_seconds"}"#, "1010", 10_000_000),
      (#"{header: "X-Reset", as: "epoch_milliseconds"}"#, "1000500", 500_000),
      (#"{header: "X-Reset", as: "epoch_seconds"}"#, "900", 0),
      (#"{header: "X-Reset", as: "date"}"#, "Thu, 01 Jan 1970 00:16:45 GMT", 5_000_000),
      (#"{header: "X-Reset", at_most_seconds: 60}"#, "9999", 60_000_000),
      (#"{header: "X-Reset"}"#, "soon", nil), (#"{path: "retry.in"}"#, "", 7_000_000),
    ] as [(String, String, Int64?)])
  func waits(wait: String, header: String, expected: Int64?) async throws {
    let limited = try await failure(
      Response(
        429, headers: ["X-Reset": header], body: .bytes(Array(#"{"retry":{"in":7}}"#.utf8))),
      errors: #"{when: {status: 429}, do: "rate_limited", wait: \#(wait)}"#,
      now: Instant(microseconds: 1_000_000_000))
    #expect(limited?.kind == .rateLimited)
    #expect(limited?.retryAfter == expected)
  }

  @Test("a header tells, by being there or by what it says")
  func header() async throws {
    let rule = #"{when: {status: 403, header: "X-Remaining", equals: 0}, do: "rate_limited"}"#
    let limited = try await failure(
      Response(403, headers: ["X-Remaining": "0"], body: .bytes([])), errors: rule)
    #expect(limited?.kind == .rateLimited)
    let refused = try await failure(
      Response(403, headers: ["X-Remaining": "5"], body: .bytes([])), errors: rule)
    #expect(refused?.kind == .unauthorized)
  }

  @Test("a page that is too large is asked for again, half as large, and so are those after it")
  func shrinking() async throws {
    let fake = try FakeAPI { asked in
      let size = Int(asked.target.value("first") ?? "") ?? 0
      guard size <= 12 else { return .json(#"{"errors":[{"code":"MAX_COST"}],"data":null}"#) }
      let after = Int(asked.target.value("after") ?? "") ?? 0
      let end = min(after + size, 25)
      return .json(
        #"{"data":{"orders":\#(records(after..<end)),"after":\#(end < 25 ? "\(end)" : "null")}}"#)
    }
    let rule = #"{when: {path: "errors[].code", equals: "MAX_COST"}, do: "shrink_page"}"#
    let pages = try await connector(try source(fake.address, errors: rule), try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) } == (0..<25).map { "r\($0)" })
    #expect(await fake.asked.map { $0.target.value("first") } == ["40", "20", "10", "10", "10"])
    #expect(pages.map(\.requests) == [3, 1, 1])
    let stubborn = try FakeAPI(json: #"{"errors":[{"code":"MAX_COST"}],"data":null}"#)
    let connector = try connector(try source(stubborn.address, errors: rule), try factory())
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.kind == .refused)
    #expect(await stubborn.asked.count == 6)
  }

  @Test("faults of a table are told by their place")
  func faults() throws {
    let source = try source(
      "https://a.test",
      errors: """
        {when: {}, do: "fail"}, {when: {status: 700}, do: "fial"},
        {when: {header: "A", path: "b"}, do: "retry", wait: {}},
        {when: {contains: "x"}, do: "retry"}, {wehn: {status: 1}, do: "retry"}
        """, more: #"errors: [{when: {status: 404}, do: "skip"}]"#)
    let found = ConnectorFactory.faults(in: source).map(\.description)
    for expected in [
      "sources.shop.errors[0].when: expected a status, header or path, got nothing",
      "sources.shop.errors[1].when.status: expected a status such as 404",
      "sources.shop.errors[1].do: expected do to be one of",
      "sources.shop.errors[2].when.path: expected a header or a path, not both",
      "sources.shop.errors[2].wait: expected one of header, path and seconds",
      "sources.shop.errors[3].when.status: expected statuses other than 2xx",
      "sources.shop.errors[4]: unknown key \"wehn\"; did you mean \"when\"?",
      "sources.shop.streams.orders.errors[0].do: expected a parent with skip",
    ] {
      #expect(
        found.contains { $0.hasPrefix(expected) }, "\(expected)\n\(found.joined(separator: "\n"))")
    }
  }
}

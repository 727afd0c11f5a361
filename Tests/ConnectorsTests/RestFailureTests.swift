import Connectors
import Domain
import HTTP
import JSON
import Testing

struct RestFailureTests {
  /// The failure of the first page that an API gives; a page is none.
  private func failure(
    _ answer: @escaping @Sendable (FakeAPI.Asked) -> Response,
    answering wait: @escaping @Sendable () async -> Void = {},
    pagination: String = #"{type: "none"}"#, source: String = "", stream: String = "",
    secrets: [String: String] = [:], now: Instant = Instant(microseconds: 0)
  ) async throws -> SourceFailure? {
    let fake = try FakeAPI { asked in
      await wait()
      return answer(asked)
    }
    let definition = try api(
      fake.address, source: source, pagination: pagination, stream: stream)
    let connector = try connector(definition, try factory(secrets: secrets, now: now))
    do {
      _ = try await connector.pages(thousandSeconds, fields: idAndTime)
      return nil
    } catch let failure as SourceFailure {
      return failure
    }
  }

  @Test(
    "a status tells what kind of failure it is",
    arguments: [
      (401, SourceFailure.Kind.unauthorized), (403, .unauthorized), (400, .refused),
      (404, .refused), (410, .refused), (422, .refused), (304, .refused), (408, .timeout),
      (425, .unavailable), (429, .rateLimited), (500, .unavailable), (502, .unavailable),
      (503, .unavailable),
    ])
  func statuses(status: Int, kind: SourceFailure.Kind) async throws {
    let failure = try await failure({ _ in
      .text(status, "{\"error\":\"that   is\\u0007 it\"}")
    })
    #expect(failure?.kind == kind)
    #expect(failure?.message.hasPrefix("shop ") == true)
    #expect(failure?.message.contains("\(status)") == true)
    #expect(failure?.requests == 1)
  }

  @Test("the words of a refusal reach the person who has to mend it")
  func words() async throws {
    let failure = try await failure({ _ in .text(400, "bad\n  parameter\tat[gte]") })
    #expect(failure?.message == "shop refuses what was asked (400): bad parameter at[gte].")
  }

  @Test(
    "Retry-After is taken as seconds or as a date, and as no more than a day",
    arguments: [
      ("30", 30), ("0", 0), ("Wed, 21 Oct 2015 07:28:10 GMT", 10),
      ("Wed, 21 Oct 2015 07:00:00 GMT", 0), ("99999999999999999999", 86_400), ("soon", nil),
      ("-1", nil), ("", nil),
    ])
  func retryAfter(value: String, seconds: Int64?) async throws {
    let now = instant("2015-10-21T07:28:00Z")
    let failure = try await failure(
      { _ in Response(429, headers: ["Retry-After": value]) }, now: now)
    #expect(failure?.kind == .rateLimited)
    #expect(failure?.retryAfter == seconds.map { $0 * 1_000_000 })
  }

  @Test("a source that is down may say when to come back")
  func unavailableUntil() async throws {
    let failure = try await failure({ _ in Response(503, headers: ["Retry-After": "7"]) })
    #expect(failure?.retryAfter == 7_000_000)
  }

  @Test(
    "an answer that is no page fails the attempt with the reason",
    arguments: [
      ("<html>", "expected a value"), (#"{"data":[{"id":1},{"id""#, "cut off"), ("", "cut off"),
      (#"{"items":[]}"#, "expected an array of records at data"), (#"{"data":{}}"#, "at data"),
      (#"{"data":[{"id":1]}"#, "expected"),
    ])
  func notAPage(body: String, reason: String) async throws {
    let failure = try await failure({ _ in .json(body) })
    #expect(failure?.kind == .invalidPage)
    #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "none")")
  }

  @Test("a body that ends before its length does is no page")
  func cutOff() async throws {
    let failure = try await failure({ _ in
      Response(
        200,
        body: .stream(length: nil) { writer in
          try await writer.write(Array(#"{"data":[{"id":"a","at":1},"#.utf8))
          throw NoSuchSource()
        })
    })
    #expect(failure?.kind == .network)
  }

  @Test("a page larger than the manifest allows fails the attempt")
  func tooLarge() async throws {
    let failure = try await failure(
      { _ in .json(#"{"data":[],"filler":"\#(String(repeating: "x", count: 5_000))"}"#) },
      source: "limits: {page_bytes: 4096},")
    #expect(failure?.kind == .invalidPage)
  }

  @Test("a source that does not answer in time fails the attempt")
  func slow() async throws {
    let failure = try await failure(
      { _ in .json("{}") }, answering: { for await _ in AsyncStream<Void>.makeStream().stream {} },
      source: "limits: {connect_seconds: 1, first_byte_seconds: 1},")
    #expect(failure?.kind == .timeout)
  }

  @Test(
    "a source that leads in a circle is noticed, of whatever length",
    arguments: [(0, 1), (0, 2), (3, 1), (5, 3), (0, 40), (17, 23)])
  func circle(lead: Int, length: Int) async throws {
    let fake = try FakeAPI { asked in
      let at = Int(asked.target.value("cursor") ?? "") ?? 0
      let next = at + 1 < lead + length ? at + 1 : lead
      return .json(#"{"data":\#(records(at..<at + 1)),"next":"\#(next)"}"#)
    }
    let source = try api(
      fake.address, pagination: #"{type: "cursor", path: "next", parameter: "cursor"}"#)
    let connector = try connector(source, try factory())
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.kind == .endless)
    #expect(failure?.message.contains("again and again") == true)
    #expect(await fake.asked.count <= 3 * (lead + length) + 3)
  }

  @Test("a source that ignores the page number gives the same page again, which is noticed")
  func samePage() async throws {
    let failure = try await failure(
      { _ in .json(#"{"data":\#(records(0..<5))}"#) },
      pagination: #"{type: "page", parameter: "page"}"#)
    #expect(failure?.kind == .endless)
    #expect(failure?.message.contains("again and again") == true)
  }

  @Test("a source that never ends is stopped at the bound of pages")
  func endless() async throws {
    let failure = try await failure(
      { asked in .json(#"{"data":[],"next":"c\#(asked.number)"}"#) },
      pagination: #"{type: "cursor", path: "next", parameter: "c"}"#,
      source: "limits: {pages_per_partition: 12},")
    #expect(failure?.kind == .endless)
    #expect(failure?.message.contains("more than 12 pages") == true)
  }

  @Test("a link to another host is not followed")
  func otherHost() async throws {
    let failure = try await failure(
      { _ in .json(#"{"data":[],"next":"http://evil.example/steal"}"#) },
      pagination: #"{type: "next_url", path: "next"}"#,
      source: #"auth: {type: "bearer", token: "env:KEY"},"#, secrets: ["KEY": "s3cr3t"])
    #expect(failure?.kind == .invalidPage)
    #expect(failure?.message.contains("another host, evil.example:80") == true)
  }

  @Test("a redirect to another host is not followed")
  func redirect() async throws {
    let failure = try await failure({ _ in
      Response(302, headers: ["Location": "http://evil.example/"])
    })
    #expect(failure?.kind == .refused)
  }

  @Test(
    "more that is promised must be possible",
    arguments: [
      (#"{type: "next_url", path: "next"}"#, "does not say where"),
      (#"{type: "last_id", path: "id", parameter: "after"}"#, "never end"),
      (#"{type: "offset", parameter: "offset"}"#, "never end"),
      (#"{type: "none"}"#, "does not say where"),
    ])
  func promises(pagination: String, reason: String) async throws {
    let failure = try await failure(
      { _ in .json(#"{"data":[],"more":true}"#) }, pagination: pagination,
      stream: #"has_more: "more""#)
    #expect(failure?.kind == .invalidPage)
    #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "none")")
  }

  @Test("a flag that is missing is no end")
  func missingFlag() async throws {
    let failure = try await failure(
      { _ in .json(#"{"data":[]}"#) }, stream: #"has_more: "more""#)
    #expect(failure?.message.contains("more is neither true nor false") == true)
  }

  @Test("a full first page without the field that leads on is no end, as long as no answer had it")
  func mistakenPath() async throws {
    for kind in [#"type: "next_url""#, #"type: "cursor", parameter: "after""#] {
      let failure = try await failure(
        { _ in .json(#"{"data":\#(records(0..<5)),"next":"/orders?p=2"}"#) },
        pagination: "{\(kind), path: \"nxt\", size: 5}")
      #expect(failure?.kind == .invalidPage)
      #expect(failure?.message.contains("without nxt, which no answer has had so far") == true)
      #expect(failure?.message.contains("correct the path") == true)
    }
  }

  @Test(
    "what leaves out the field that leads on may be the end",
    arguments: [
      // Less than was asked for; nothing asked for; null and empty; a flag that decides.
      (#"path: "next", size: 6"#, "", ""), (#"path: "next""#, "", ""),
      (#"path: "next", size: 5"#, #","next":null"#, ""),
      (#"path: "next", size: 5"#, #","next":"""#, ""),
      (#"path: "next", size: 5"#, #","more":false"#, #"has_more: "more""#),
    ])
  func honestEnd(pagination: String, rest: String, stream: String) async throws {
    let failure = try await failure(
      { _ in .json("{\"data\":\(records(0..<5))\(rest)}") },
      pagination: #"{type: "next_url", \#(pagination)}"#, stream: stream)
    #expect(failure == nil)
  }

  @Test("a source that leaves the field out at the end is believed once it was seen")
  func fieldSeenElsewhere() async throws {
    let fake = try FakeAPI { asked in
      let hasNext = asked.target.value("p") == nil && asked.target.value("at[lt]") == "1000"
      return .json("{\"data\":\(records(0..<5))\(hasNext ? #","next":"?p=2""# : "")}")
    }
    let connector = try connector(
      try api(fake.address, pagination: #"{type: "next_url", path: "next", size: 5}"#),
      try factory())
    let short = Window(from: thousandSeconds.from, to: Instant(microseconds: 500_000_000))
    await #expect(throws: SourceFailure.self) {
      try await connector.pages(short, fields: idAndTime)
    }
    #expect(try await connector.pages(thousandSeconds, fields: idAndTime).count == 2)
    #expect(try await connector.pages(short, fields: idAndTime).count == 1)
  }

  @Test("an empty page in the middle is none at the end, where the source says how to go on")
  func emptyPage() async throws {
    let fake = try FakeAPI { asked in
      .json(
        asked.number == 0
          ? #"{"data":[],"next":"a","more":true}"# : #"{"data":\#(records(0..<1)),"more":false}"#)
    }
    let source = try api(
      fake.address, pagination: #"{type: "cursor", path: "next", parameter: "c"}"#,
      stream: #"has_more: "more""#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(pages.map { $0.scan.records.count } == [0, 1])
  }

  @Test("a cursor of no connector is refused")
  func foreignCursor() async throws {
    let fake = try FakeAPI(json: #"{"data":[]}"#)
    let connector = try connector(try api(fake.address), try factory())
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.page(
        PageRequest(window: thousandSeconds, cursor: "zzz", fields: idAndTime))
    }
    #expect(failure?.kind == .misconfigured)
    #expect(await fake.asked.isEmpty)
  }
}

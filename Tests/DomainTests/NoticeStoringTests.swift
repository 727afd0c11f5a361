import Domain
import JSON
import Testing

@Suite struct NoticeStoringTests {
  private let facts = BackfillFacts(
    backfill: BackfillID(rawValue: 17), stream: "stripe.charges",
    window: Window(from: Instant(microseconds: 0), to: Instant(microseconds: 86_400_000_001)),
    step: "1d", timeZone: "Europe/Berlin", requestedBy: "anna", reason: nil,
    state: .partiallyFailed, partitions: PartitionCounts([.succeeded: 2, .failed: 1]),
    records: OutcomeCounts(),
    sums: [.init(measure: "amount", currency: "EUR", amount: "12430.00")],
    failures: [
      .init(
        partition: 3,
        window: Window(from: Instant(microseconds: 1), to: Instant(microseconds: 2)),
        kind: "timeout", message: "Too slow: \"é\"\n")
    ])

  private var occasions: [Notice.Occasion] {
    [
      .ended(facts), .partitionFailed(facts), .test(subscription: "finance"),
      .blocked(facts, .init(kind: "unauthorized", message: "401", until: nil)),
      .blocked(
        facts,
        .init(kind: "rate_limited", message: "429", until: Instant(microseconds: 7_000_000))),
    ]
  }

  @Test("what is stored says the same when it is read again")
  func roundTrip() throws {
    for occasion in occasions {
      let notice = Notice(
        id: NoticeID(rawValue: "ntc_1"), occasion: occasion, createdAt: Instant(microseconds: 9))
      let text = JSONValue.object(occasion.json).encoded()
      let read = try Notice(
        id: notice.id, kindName: notice.kindName, facts: try JSONValue.parse(text),
        createdAt: notice.createdAt)
      #expect(read == notice)
      #expect(read.webhookBody.encoded() == notice.webhookBody.encoded())
    }
  }

  @Test("facts that are not whole are refused, members of a newer program are not")
  func refuses() throws {
    for key in facts.json.members.map(\.key)
    where !["source", "reason", "empty", "proof"].contains(key) {
      var object = facts.json
      object[key] = nil
      #expect(throws: Faults.self, "\(key)") {
        try BackfillFacts(json: .object(object))
      }
    }
    var newer = facts.json
    newer["tomorrow"] = 1
    #expect(try BackfillFacts(json: .object(newer)) == facts)
  }

  @Test("a webhook's body names type, time and facts, and the words for people")
  func body() throws {
    let notice = Notice(
      id: NoticeID(rawValue: "ntc_1"), occasion: .ended(facts), createdAt: Instant(microseconds: 0))
    let body = notice.webhookBody
    #expect(body["type"] == "backfill.finished_with_failures")
    #expect(body["timestamp"] == "1970-01-01T00:00:00Z")
    #expect(body["data"]?["stream"] == "stripe.charges")
    #expect(body["data"]?["sums"]?.array?.first?["amount"] == "12430.00")
    #expect(
      body["data"]?["failures"]?.array?.first?["window"]?["to"] == "1970-01-01T00:00:00.000002Z")
    #expect(body["data"]?["text"]?.string == notice.text)
  }

  @Test("every ending has a kind, and only success is finished")
  func kinds() {
    for state in BackfillState.allCases where state.isTerminal {
      #expect((NoticeKind(ending: state) == .finished) == (state == .succeeded))
    }
  }

  @Test("a delivery is stored as the applied file writes it")
  func deliveries() throws {
    let deliveries: [Delivery] = [
      .webhook(url: .plain("https://example.org/hook"), secret: .environment("A")),
      .webhook(url: .secret(.environment("URL")), secret: .file("/run/secret")),
      .slack(url: .environment("SLACK")),
      .mail(.init(to: ["a@b", "c@d"], from: "e@f", server: "smtp://mail:587", login: nil)),
      .mail(
        .init(
          to: ["a@b"], from: "e@f", server: "smtps://mail",
          login: .init(user: .plain("u"), password: .environment("P")))),
    ]
    for delivery in deliveries {
      #expect(try Delivery(json: try JSONValue.parse(delivery.json.encoded())) == delivery)
    }
  }
}

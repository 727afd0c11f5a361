import Arguments
import Domain
import JSON
import Operations
import Stores

/// `backfill subscriptions`: who is told of what, and whether a test arrives.
struct SubscriptionsVerb: Verb {
  static let spec = CommandSpec(
    "subscriptions", "List who is told of what, or try whether they are reached.",
    discussion: """
      Subscriptions are part of the applied documents; see backfill apply --help. With --test a notice that says it is a test is \
      sent to one of them, the way that all notices go, and its receiver's answer is shown. One \
      that is disabled, because its receiver answered 410, hears again once it takes a test.
      """,
    options: [
      OptionSpec(
        "test", .value("NAME"), "Send a test notice to this one.",
        completion: .names("subscriptions")),
      .json,
    ],
    examples: [
      .init("backfill subscriptions", "Who hears of what"),
      .init("backfill subscriptions --test finance", "See whether finance is reached"),
    ])

  private let tested: String?
  private let json: Bool

  init(_ invocation: Invocation) {
    tested = invocation.text("test")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    if let tested { return try await test(tested, program) }
    let rows = try await program.withDatabase { database in
      try await SubscriptionStore(pool: database.pool).listSubscriptions()
    }
    let output = program.world.output
    guard !json else {
      for row in rows { try output.write(try row.document) }
      return .done
    }
    var table = TextTable("NAME", "TEAM", "SCOPE", "EVENTS", "BY", .numbers("PENDING"), "STATE")
    for row in rows {
      table.add(
        row.name, row.team, row.scope.words, row.events.joined(separator: ", "),
        try row.way.words, Wording.number(row.pending),
        row.disabledReason.map { "disabled: \($0)" } ?? "active")
    }
    try output.write(table, orElse: "There are no subscriptions; see: backfill apply --help")
    return .done
  }

  private func test(_ name: String, _ program: Program) async throws -> ExitCode {
    let courier = try program.courier()
    let (notice, answer) = try await program.withDatabase { database in
      try await SubscriptionTest(pool: database.pool, courier: courier).send(to: name)
    }
    if json {
      try program.world.output.write([
        "subscription": .string(name), "notice": .string(notice.rawValue),
        "delivered": .bool(answer == .delivered), "message": JSONValue(answer.message),
      ])
    } else if let message = answer.message {
      throw Failure(.failed, "The test notice was not delivered to \(name): \(message)")
    } else {
      try program.world.output.line("The test notice \(notice) was delivered to \(name).")
    }
    return answer == .delivered ? .done : .failed
  }
}

extension DeliveryAnswer {
  /// Why it did not arrive; nil where it did.
  fileprivate var message: String? {
    switch self {
    case .delivered: nil
    case .gone(let message), .failed(let message, _): message
    }
  }
}

extension SubscriptionRow {
  fileprivate var way: Delivery {
    get throws { try Delivery(json: try JSONValue.parse(delivery)) }
  }

  /// One line of `subscriptions --json`.
  fileprivate var document: JSONValue {
    get throws {
      [
        "name": .string(name), "team": .string(team),
        "scope": scope.json, "events": .array(events.map { .string($0) }),
        "deliver": try JSONValue.parse(delivery),
        "pending": JSONValue(pending), "applied_at": .instant(appliedAt),
        "disabled_at": .instant(disabledAt), "disabled_reason": JSONValue(disabledReason),
      ]
    }
  }
}

extension Scope {
  /// `sources stripe; tags finance`.
  fileprivate var words: String {
    [("sources", sources), ("streams", streams), ("tags", tags)]
      .filter { !$0.1.isEmpty }
      .map { "\($0.0) \($0.1.joined(separator: ", "))" }
      .joined(separator: "; ")
  }
}

extension Delivery {
  /// The way and where it leads; of an address no more than its host, for the rest may be a secret.
  fileprivate var words: String {
    switch self {
    case .webhook(.plain(let url), _):
      "webhook to \(url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? "")"
    case .webhook(.secret(let reference), _): "webhook to \(reference)"
    case .slack(let reference): "slack to \(reference)"
    case .mail(let mail): "mail to \(Wording.list(mail.to))"
    }
  }
}

import Connectors
import Domain
import HTTP
import JSON

/// Stripe's list endpoints, as they are documented: the newest first, `created` in whole seconds,
/// pages of at most 100, `starting_after` an id that still exists, and no parameter but the known.
struct FakeStripe {
  /// What is listed, by its path, with the kind of its objects and the beginning of their ids.
  static let lists: [(path: String, object: String, prefix: String)] = [
    ("charges", "charge", "ch"), ("refunds", "refund", "re"),
    ("balance_transactions", "balance_transaction", "txn"),
    ("payment_intents", "payment_intent", "pi"), ("invoices", "invoice", "in"),
    ("customers", "customer", "cus"), ("disputes", "dispute", "dp"), ("payouts", "payout", "po"),
    ("events", "event", "evt"),
  ]

  /// The key that it takes.
  static let key = "sk_test_fake"

  /// An object of a list.
  struct Item: Sendable {
    var id: String
    var created: Int64
    var json: JSONValue
    /// The request by whose time it has been deleted.
    var gone = Int.max
  }

  let api: FakeAPI

  /// A Stripe that holds these objects of one list, in the order in which they were made, and whose
  /// clock stands at a moment.
  init(
    _ path: String, _ items: [Item], now: Instant, trouble: Trouble = .none
  ) throws {
    let seconds = now.microseconds / 1_000_000
    let kept = path == "events" ? items.filter { $0.created > seconds - 30 * 86_400 } : items
    // A later one of the same second comes first.
    let sorted = kept.enumerated().sorted {
      ($0.element.created, $0.offset) > ($1.element.created, $1.offset)
    }.map(\.element)
    api = try FakeAPI { asked in
      if let answer = trouble.answer(asked.number) { return answer }
      return Self.answer(asked, path: path, sorted.filter { $0.gone > asked.number })
    }
  }

  private static func answer(_ asked: FakeAPI.Asked, path: String, _ items: [Item]) -> Response {
    guard asked.headers["Authorization"] == "Bearer \(key)" else {
      return refusal(401, "Invalid API Key provided: sk_test_****")
    }
    guard asked.method == .get, asked.target.segments == ["v1", path] else {
      return refusal(404, "Unrecognized request URL (\(asked.method) \(asked.target.text)).")
    }
    var found = items
    var limit = 10
    var start = 0
    for item in asked.target.query {
      switch item.name {
      case "limit":
        guard let number = Int(item.value), 1...100 ~= number else {
          return refusal(400, "This value must be between 1 and 100.", parameter: "limit")
        }
        limit = number
      case "starting_after": continue
      case "created", "created[gte]", "created[gt]", "created[lte]", "created[lt]":
        guard let bound = Int64(item.value) else {
          return refusal(400, "Invalid integer: \(item.value)", parameter: item.name)
        }
        found = found.filter { holds(item.name, $0.created, bound) }
      default:
        return refusal(
          400, "Received unknown parameter: \(item.name)", code: "parameter_unknown",
          parameter: item.name)
      }
    }
    if let after = asked.target.value("starting_after") {
      guard let place = found.firstIndex(where: { $0.id == after }) else {
        return refusal(
          400, "No such \(path): '\(after)'", code: "resource_missing",
          parameter: "starting_after")
      }
      start = place + 1
    }
    let page = found.dropFirst(start).prefix(limit)
    return .answer(
      200,
      [
        "object": "list", "url": .string("/v1/\(path)"),
        "has_more": .bool(start + page.count < found.count), "data": .array(page.map(\.json)),
      ])
  }

  private static func holds(_ filter: String, _ created: Int64, _ bound: Int64) -> Bool {
    switch filter {
    case "created[gte]": created >= bound
    case "created[gt]": created > bound
    case "created[lte]": created <= bound
    case "created[lt]": created < bound
    default: created == bound
    }
  }

  private static func refusal(
    _ status: Int, _ message: String, code: String? = nil, parameter: String? = nil
  ) -> Response {
    .answer(
      status,
      [
        "error": [
          "type": "invalid_request_error", "message": .string(message),
          "code": JSONValue(code), "param": JSONValue(parameter),
        ]
      ])
  }

  /// Too many requests, as one of its limiters says it: without a time to wait.
  static func tooMany(_ code: String) -> Response {
    .answer(
      429,
      [
        "error": [
          "type": "invalid_request_error", "code": .string(code),
          "message": "Request rate limit exceeded.",
        ]
      ], headers: ["Stripe-Should-Retry": "true"])
  }
}

extension FakeStripe {
  /// Objects of a list, one for each moment.
  static func items(_ path: String, at moments: [Int64], by random: inout Seeded) -> [Item] {
    guard let list = lists.first(where: { $0.path == path }) else { return [] }
    return moments.enumerated().map { place, moment in
      let id = "\(list.prefix)_1Fake\(String(place, radix: 36))"
      let amount = Int.random(in: 1...100_000, using: &random)
      let fee = amount / 40
      var json: JSONObject = [
        "id": .string(id), "object": .string(list.object), "created": JSONValue(moment),
        "livemode": false, "metadata": [:],
      ]
      if path == "events" {
        json["type"] = "charge.succeeded"
        json["pending_webhooks"] = 1
        json["data"] = ["object": ["id": "ch_1", "created": 1, "amount": JSONValue(amount)]]
      } else if path != "customers" {
        json["currency"] = .string(random.pick(["eur", "usd", "jpy", "kwd", "isk"]))
        for (name, part) in [
          ("amount", amount), ("amount_refunded", 0), ("fee", fee), ("net", amount - fee),
          ("amount_received", amount), ("total", amount), ("amount_paid", amount),
        ] { json[name] = JSONValue(part) }
      }
      return Item(id: id, created: moment, json: .object(json))
    }
  }
}

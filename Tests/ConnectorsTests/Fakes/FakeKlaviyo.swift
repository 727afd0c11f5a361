import Connectors
import Domain
import HTTP
import JSON

/// Klaviyo's lists, as they are documented: filters of their own for each list, that tell seconds
/// apart, page sizes of their own, and a whole address to the next page.
struct FakeKlaviyo {
  /// The key that it takes.
  static let key = "pk_fake"

  /// What a list allows.
  struct Rules: Sendable {
    var time: String
    var operators: [String]
    var sizes: (standard: Int, most: Int)
    var equals: [String] = []
  }

  static let rules: [String: Rules] = [
    "events": Rules(
      time: "datetime",
      operators: ["greater-or-equal", "greater-than", "less-or-equal", "less-than"],
      sizes: (200, 1_000)),
    "profiles": Rules(
      time: "created", operators: ["greater-than", "less-than"], sizes: (20, 100)),
    "campaigns": Rules(
      time: "created_at",
      operators: ["greater-or-equal", "greater-than", "less-or-equal", "less-than"],
      sizes: (100, 100), equals: ["messages.channel", "archived"]),
  ]

  /// Something that it keeps.
  struct Item: Sendable {
    var id: String
    var created: Int64
    var json: JSONValue
    var channel = "email"
    var isArchived = false
  }

  let api: FakeAPI

  /// A Klaviyo that holds these, of one list.
  init(_ list: String, _ items: [Item], trouble: Trouble = .none) throws {
    let sorted = items.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    api = try FakeAPI { asked in
      if let answer = trouble.answer(asked.number) { return answer }
      guard asked.headers["Authorization"] == "Klaviyo-API-Key \(Self.key)" else {
        return Self.refusal(401, "not_authenticated", "Missing or invalid private key.")
      }
      guard asked.headers["revision"] == "2026-07-15" else {
        return Self.refusal(400, "invalid", "A revision header is required.")
      }
      guard asked.target.segments == ["api", list], let rules = Self.rules[list] else {
        return Self.refusal(404, "not_found", "The path does not exist.")
      }
      do {
        return try Self.page(asked, list, sorted, rules)
      } catch {
        return Self.refusal(400, "invalid", (error as? Invalid)?.detail ?? "\(error)")
      }
    }
  }

  private struct Invalid: Error {
    var detail: String
  }

  private static func page(
    _ asked: FakeAPI.Asked, _ list: String, _ items: [Item], _ rules: Rules
  ) throws -> Response {
    let size = asked.target.value("page[size]").map { Int($0) ?? 0 } ?? rules.sizes.standard
    guard 1...rules.sizes.most ~= size else {
      throw Invalid(detail: "page[size] must be between 1 and \(rules.sizes.most)")
    }
    let sort = asked.target.value("sort")
    guard sort == nil || sort == rules.time || sort == "-\(rules.time)" else {
      throw Invalid(detail: "sort is not allowed")
    }
    let found = try filtered(items, by: asked.target.value("filter") ?? "", list, rules)
    let start = asked.target.value("page[cursor]").flatMap { Int($0.dropFirst(2)) } ?? 0
    let page = found.dropFirst(start).prefix(size)
    let end = start + page.count
    var query = asked.target.query.filter { $0.name != "page[cursor]" }
      .map { "\(encoded($0.name))=\(encoded($0.value))" }
    query.append("page%5Bcursor%5D=c-\(end)")
    let next = "http://\(asked.headers["Host"] ?? "")/api/\(list)?\(query.joined(separator: "&"))"
    return .answer(
      200,
      [
        "data": .array(page.map(\.json)),
        "links": [
          "self": .string(asked.target.text), "prev": nil,
          "next": end < found.count ? .string(next) : nil,
        ],
      ],
      headers: [
        "RateLimit-Limit": "350, 350;w=1, 3500;w=60", "RateLimit-Remaining": "349",
        "RateLimit-Reset": "1",
      ])
  }

  /// What a filter leaves: `greater-than(created,2026-…),less-than(…)`, also in `and(…)`.
  private static func filtered(
    _ items: [Item], by filter: String, _ list: String, _ rules: Rules
  ) throws -> [Item] {
    var text = filter
    if text.hasPrefix("and("), text.hasSuffix(")") { text = String(text.dropFirst(4).dropLast()) }
    var found = items
    var named: Set<String> = []
    for term in text.split(separator: ")") {
      let parts = term.drop { $0 == "," }.split(separator: "(").map(String.init)
      let operands = parts.last?.split(separator: ",").map(String.init) ?? []
      guard parts.count == 2, operands.count == 2 else {
        throw Invalid(detail: "Invalid filter provided: \(filter)")
      }
      named.insert(operands[0])
      if parts[0] == "equals", rules.equals.contains(operands[0]) {
        let value = operands[1].trimmed("'")
        found = found.filter {
          operands[0] == "archived" ? String($0.isArchived) == value : $0.channel == value
        }
        continue
      }
      guard operands[0] == rules.time, rules.operators.contains(parts[0]),
        let bound = Instant(operands[1])
      else {
        throw Invalid(detail: "\(parts[0]) is not allowed for \(operands[0])")
      }
      let seconds = bound.microseconds / 1_000_000
      found = found.filter { holds(parts[0], $0.created, seconds) }
    }
    if list == "campaigns" {
      guard named.contains("messages.channel") else {
        throw Invalid(detail: "A channel filter is required to list campaigns.")
      }
      if !named.contains("archived") { found = found.filter { !$0.isArchived } }
    }
    return found
  }

  private static func holds(_ name: String, _ created: Int64, _ bound: Int64) -> Bool {
    switch name {
    case "greater-or-equal": created >= bound
    case "greater-than": created > bound
    case "less-or-equal": created <= bound
    default: created < bound
    }
  }

  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      return character.isLetter || character.isNumber || "-._".contains(character)
        ? String(character)
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  private static func refusal(_ status: Int, _ code: String, _ detail: String) -> Response {
    .answer(
      status,
      [
        "errors": [
          [
            "id": "1", "status": JSONValue(status), "code": .string(code),
            "title": "Invalid input.", "detail": .string(detail),
          ]
        ]
      ])
  }
}

extension FakeKlaviyo {
  /// Too many requests in the window of a second.
  static let throttled = Response.answer(
    429,
    [
      "errors": [
        [
          "id": "1", "status": 429, "code": "throttled", "title": "Request was throttled.",
          "detail": "Expected available in 1 second.",
        ]
      ]
    ], headers: ["Retry-After": "1"])

  /// One thing for each moment.
  static func items(_ list: String, at moments: [Int64]) -> [Item] {
    moments.enumerated().map { place, moment in
      let id = "01FAKE\(String(place, radix: 36, uppercase: true))"
      let at = Instant(microseconds: moment * 1_000_000).description.dropLast() + "+00:00"
      var attributes: JSONObject = [:]
      switch list {
      case "events":
        attributes = [
          "timestamp": JSONValue(moment), "datetime": .string(String(at)),
          "event_properties": ["$value": 9],
        ]
      case "profiles":
        attributes = ["created": .string(String(at)), "updated": .string(String(at))]
      default:
        attributes = ["created_at": .string(String(at)), "updated_at": .string(String(at))]
      }
      let json: JSONObject = [
        "type": .string(String(list.dropLast())), "id": .string(id),
        "attributes": .object(attributes),
      ]
      return Item(
        id: id, created: moment, json: .object(json), channel: place % 5 == 0 ? "sms" : "email",
        isArchived: place % 3 == 0)
    }
  }
}

extension String {
  /// The text without this sign around it.
  fileprivate func trimmed(_ sign: Character) -> String {
    String(drop { $0 == sign }.prefix { $0 != sign })
  }
}

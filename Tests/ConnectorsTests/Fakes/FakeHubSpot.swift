import Connectors
import Domain
import HTTP
import JSON

/// HubSpot's search, as it is documented: milliseconds, pages of at most 200, 10,000 results of one
/// query, however many it says that there are, and 400 for who asks for more.
struct FakeHubSpot {
  /// The token that it takes.
  static let token = "pat-na1-fake"
  /// How many results of one query it gives.
  static let most = 10_000

  /// An object.
  struct Item: Sendable {
    var id: Int64
    var created: Int64
    var json: JSONValue
  }

  let api: FakeAPI

  /// A HubSpot that holds these objects of a type.
  init(_ type: String, _ items: [Item], trouble: Trouble = .none) throws {
    // Ties of what is not sorted by come in an order of their own.
    let byTime = items.sorted { ($0.created, -$0.id) < ($1.created, -$1.id) }
    let byID = items.sorted { $0.id < $1.id }
    api = try FakeAPI { asked in
      if let answer = trouble.answer(asked.number) { return answer }
      guard asked.headers["Authorization"] == "Bearer \(Self.token)" else {
        return Self.refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
      }
      guard asked.method == .post,
        asked.target.segments == ["crm", "v3", "objects", type, "search"]
      else { return Self.refusal(404, "OBJECT_NOT_FOUND", "No such path.") }
      do {
        return try Self.results(JSONValue.parse(asked.body), byTime: byTime, byID: byID)
      } catch {
        return Self.refusal(400, "VALIDATION_ERROR", (error as? Invalid)?.message ?? "\(error)")
      }
    }
  }

  private struct Invalid: Error {
    var message: String
  }

  private static func results(
    _ body: JSONValue, byTime: [Item], byID: [Item]
  ) throws -> Response {
    let known: Set = ["filterGroups", "sorts", "properties", "limit", "after", "query"]
    guard let object = body.object, Set(object.members.map(\.key)).isSubset(of: known) else {
      throw Invalid(message: "Unknown members in the body")
    }
    let limit = body["limit"].map { $0.int ?? 0 } ?? 10
    guard 1...200 ~= limit else { throw Invalid(message: "limit must be between 1 and 200") }
    let after = body["after"].map { Int($0.string ?? $0.numberText ?? "") ?? -1 } ?? 0
    guard after >= 0, after + limit <= most else {
      throw Invalid(message: "The total number of results is limited to 10,000")
    }
    let sort = body["sorts"]?.array?.first?["propertyName"]?.string ?? "createdate"
    var found = sort == "hs_object_id" ? byID : byTime
    if body["sorts"]?.array?.first?["direction"]?.string == "DESCENDING" { found.reverse() }
    let groups = body["filterGroups"]?.array ?? []
    guard groups.count <= 1 else { throw Invalid(message: "This fake knows one group") }
    for filter in groups.first?["filters"]?.array ?? [] {
      let holds = try condition(filter)
      found = found.filter(holds)
    }
    let page = found.dropFirst(after).prefix(limit)
    var answer: JSONObject = [
      "total": JSONValue(found.count), "results": .array(page.map(\.json)),
    ]
    if after + page.count < found.count {
      let next = "\(after + page.count)"
      answer["paging"] = ["next": ["after": .string(next), "link": .string("?after=\(next)")]]
    }
    return .answer(200, .object(answer))
  }

  private static func condition(_ filter: JSONValue) throws -> @Sendable (Item) -> Bool {
    let text = filter["value"]?.string ?? filter["value"]?.numberText
    guard let name = filter["propertyName"]?.string, let sign = filter["operator"]?.string,
      let value = text.flatMap({ Int64($0) }), ["createdate", "hs_object_id"].contains(name)
    else { throw Invalid(message: "Invalid filter: \(filter.encoded())") }
    @Sendable func field(_ item: Item) -> Int64 { name == "createdate" ? item.created : item.id }
    switch sign {
    case "GTE": return { field($0) >= value }
    case "GT": return { field($0) > value }
    case "LTE": return { field($0) <= value }
    case "LT": return { field($0) < value }
    case "EQ": return { field($0) == value }
    default: throw Invalid(message: "\(sign) is no operator of this fake")
    }
  }

  private static func refusal(_ status: Int, _ category: String, _ message: String) -> Response {
    .answer(
      status,
      [
        "status": "error", "message": .string(message), "category": .string(category),
        "correlationId": "0",
      ])
  }
}

extension FakeHubSpot {
  /// Too many searches in a second, or requests in a day: without a time to wait.
  static func tooMany(_ policy: String) -> Response {
    .answer(
      429,
      [
        "status": "error", "message": "You have reached your limit.", "errorType": "RATE_LIMIT",
        "policyName": .string(policy), "correlationId": "0",
      ])
  }

  /// One object for each moment, in milliseconds; ids say nothing of the time.
  static func items(at moments: [Int64], by random: inout Seeded) -> [Item] {
    let ids = (0..<moments.count).map { Int64(9_000 + $0 * 3) }.shuffled(using: &random)
    return zip(ids, moments).map { id, moment in
      let at = Instant(microseconds: moment * 1_000).description
      return Item(
        id: id, created: moment,
        json: [
          "id": .string("\(id)"), "createdAt": .string(at), "updatedAt": .string(at),
          "archived": false,
          "properties": [
            "createdate": .string(at), "hs_object_id": .string("\(id)"),
            "amount_in_home_currency": "12.50",
          ],
        ])
    }
  }
}

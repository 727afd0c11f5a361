import Domain
import HTTP
import JSON

/// One connection of a shop in GraphQL: at most 250 on a page, 1,000 points for a query, and a search
/// whose unknown parts are passed over with a warning.
struct GraphShop {
  let list: String
  /// The oldest first.
  let items: [FakeShop.Item]
  let depth: Int

  /// The time filters that the search of each list knows.
  private static let filters = [
    "orders": ["created_at"], "customers": ["customer_date"], "products": ["created_at"],
  ]

  func answer(_ body: String) -> Response {
    do {
      let document = try JSONValue.parse(body)
      let query = try GraphQuery(document["query"]?.string ?? "")
      guard let root = query.fields.first, root.name == list else {
        return Self.refusal("Field doesn't exist on type 'QueryRoot'", "undefinedField")
      }
      return try connection(root, document["variables"] ?? .null)
    } catch let fault as GraphQuery.Fault {
      return Self.refusal(fault.message, "undefinedField")
    } catch {
      return .answer(400, ["errors": "Bad Request"])
    }
  }

  private func connection(_ root: GraphQuery.Field, _ variables: JSONValue) throws -> Response {
    func argument(_ name: String) -> JSONValue? {
      switch root.arguments[name] {
      case .variable(let variable): variables[variable]
      case .word(let word): Int(word).map { JSONValue($0) } ?? .string(word)
      case nil: nil
      }
    }
    guard let size = argument("first")?.int, 1...250 ~= size else {
      return Self.refusal("first must be between 1 and 250", "argumentLiteralsIncompatible")
    }
    guard let nodes = root.fields.first(where: { $0.name == "nodes" }) else {
      throw GraphQuery.Fault(message: "Field 'edges' is not for this fake")
    }
    let cost = 2 + size * nodes.cost
    guard cost <= 1_000 else {
      return Self.refusal(
        "Query cost is \(cost), which exceeds the single query max cost limit (1000).",
        "MAX_COST_EXCEEDED")
    }
    let (found, warnings) = search(argument("query")?.string ?? "")
    let start = argument("after")?.string.flatMap { Int($0.dropFirst(2)) } ?? 0
    let page = found.prefix(depth).dropFirst(start).prefix(size)
    let end = start + page.count
    let answer: JSONValue = [
      "nodes": .array(try page.map { try nodes.selected(of: $0.graph) }),
      "pageInfo": [
        "hasNextPage": .bool(end < min(found.count, depth)), "endCursor": .string("c-\(end)"),
      ],
    ]
    var extensions: JSONObject = ["cost": ["requestedQueryCost": JSONValue(cost)]]
    if !warnings.isEmpty {
      extensions["search"] = [["path": [.string(list)], "warnings": .array(warnings)]]
    }
    return .answer(
      200, ["data": .object([list: answer]), "extensions": .object(extensions)])
  }

  private func search(_ query: String) -> (found: [FakeShop.Item], warnings: [JSONValue]) {
    var found = items
    var warnings: [JSONValue] = []
    for term in query.split(separator: " AND ") where !term.isEmpty {
      let parts = term.split(separator: ":", maxSplits: 1).map(String.init)
      let known = Self.filters[list] ?? []
      guard parts.count == 2, known.contains(parts[0]), let holds = Self.comparison(parts[1]) else {
        warnings.append([
          "field": .string(parts[0]), "message": "Invalid search field for this query.",
        ])
        continue
      }
      found = found.filter { holds($0.created) }
    }
    return (found, warnings)
  }

  /// A comparison such as `>='2026-10-01T00:00:00Z'`; its time must stand in quotes.
  private static func comparison(_ text: String) -> (@Sendable (Int64) -> Bool)? {
    let sign = text.prefix { "<>=".contains($0) }
    let quoted = text.dropFirst(sign.count)
    guard quoted.hasPrefix("'"), quoted.hasSuffix("'"),
      let moment = Instant(String(quoted.dropFirst().dropLast()))
    else { return nil }
    let bound = moment.microseconds / 1_000_000
    switch sign {
    case ">=": return { $0 >= bound }
    case ">": return { $0 > bound }
    case "<=": return { $0 <= bound }
    case "<": return { $0 < bound }
    default: return { $0 == bound }
    }
  }

  private static func refusal(_ message: String, _ code: String) -> Response {
    .answer(
      200, ["errors": [["message": .string(message), "extensions": ["code": .string(code)]]]])
  }
}

import Domain
import HTTP
import JSON

/// One list of a shop in the older REST: open orders unless `status` says else, both bounds inside,
/// at most 250 on a page, and links to the next page beside which nothing but `limit` and `fields`
/// may be asked.
struct RestShop {
  let list: String
  /// The oldest first.
  let items: [FakeShop.Item]
  let depth: Int

  func answer(_ asked: FakeAPI.Asked) -> Response {
    let limit = asked.target.value("limit").flatMap { Int($0) } ?? 50
    guard 1...250 ~= limit else { return Self.refusal("limit must be between 1 and 250") }
    let names = Set(asked.target.query.map(\.name))
    if names.contains("page") {
      return Self.refusal("page cannot be passed. See https://shopify.dev")
    }
    var start = 0
    var filters = ""
    if let info = asked.target.value("page_info") {
      guard names.isSubset(of: ["page_info", "limit", "fields"]) else {
        return Self.refusal("page_info cannot be combined with other parameters")
      }
      let parts = info.split(separator: "-", maxSplits: 1).map(String.init)
      guard parts.count == 2, let place = Int(parts[0]) else {
        return Self.refusal("Invalid value for page_info")
      }
      (start, filters) = (place, parts[1])
    } else {
      filters = [
        asked.target.value("created_at_min") ?? "", asked.target.value("created_at_max") ?? "",
        asked.target.value("status") ?? "open",
      ].joined(separator: "_")
    }
    return page(asked, found(filters), start: start, limit: limit, filters: filters)
  }

  private func page(
    _ asked: FakeAPI.Asked, _ found: [FakeShop.Item], start: Int, limit: Int, filters: String
  ) -> Response {
    let page = found.prefix(depth).dropFirst(start).prefix(limit)
    let fields = asked.target.value("fields")?.split(separator: ",").map(String.init)
    var headers: Headers = ["X-Shopify-Shop-Api-Call-Limit": "1/40"]
    let end = start + page.count
    let host = asked.headers["Host"] ?? ""
    var links: [String] = []
    func link(_ place: Int, _ relation: String) {
      let rest = fields.map { "&fields=\($0.joined(separator: "%2C"))" } ?? ""
      links.append(
        "<http://\(host)/admin/api/2026-10/\(list).json?limit=\(limit)"
          + "&page_info=\(place)-\(filters.replacing(":", with: "%3A"))\(rest)>; rel=\"\(relation)\""
      )
    }
    if start > 0 { link(max(0, start - limit), "previous") }
    if end < min(found.count, depth) { link(end, "next") }
    if !links.isEmpty { headers["Link"] = links.joined(separator: ", ") }
    return .answer(
      200, .object([list: .array(page.map { Self.selected(fields, of: $0.rest) })]),
      headers: headers)
  }

  private func found(_ filters: String) -> [FakeShop.Item] {
    let parts = filters.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { return [] }
    let seconds = parts.prefix(2).map { Instant($0).map { $0.microseconds / 1_000_000 } }
    return items.filter { item in
      (seconds[0].map { item.created >= $0 } ?? true)
        && (seconds[1].map { item.created <= $0 } ?? true)
        && (list != "orders" || parts[2] == "any" || (parts[2] == "closed") == item.isClosed)
    }
  }

  private static func selected(_ fields: [String]?, of object: JSONValue) -> JSONValue {
    guard let fields else { return object }
    var selected = JSONObject()
    for field in fields { selected[field] = object[field] }
    return .object(selected)
  }

  private static func refusal(_ message: String) -> Response {
    .answer(400, ["errors": .string(message)])
  }
}

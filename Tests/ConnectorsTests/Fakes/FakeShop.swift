import Connectors
import Domain
import HTTP
import JSON

/// The Admin API of a Shopify shop, as it is documented, in GraphQL and in the older REST.
///
/// Times are whole seconds; a shop that did not allow all orders to be read leaves out those of more
/// than 60 days ago without a word.
struct FakeShop {
  /// The token that it takes.
  static let token = "shpat_fake"

  /// What is listed.
  static let lists = ["orders", "customers", "products"]

  /// Something that it keeps, in both of its forms.
  struct Item: Sendable {
    var id: Int
    var created: Int64
    var graph: JSONValue
    var rest: JSONValue
    /// Whether it is an order that is closed.
    var isClosed = false
    /// The ids of an order's refunds.
    var refunds: [Int] = []
  }

  /// What differs from shop to shop.
  struct Settings: Sendable {
    var now = instant("2026-10-20T12:00:00Z")
    var readsAllOrders = false
    /// How many objects of one query can be paged through.
    var depth = 25_000
    var trouble = Trouble.none
  }

  let api: FakeAPI

  /// A shop that holds these, of one list.
  init(_ list: String, _ items: [Item], _ settings: Settings = Settings()) throws {
    let horizon = settings.now.microseconds / 1_000_000 - 60 * 86_400
    let hides = list == "orders" && !settings.readsAllOrders
    let sorted = items.filter { !hides || $0.created >= horizon }
      .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    api = try FakeAPI { asked in
      if let answer = settings.trouble.answer(asked.number) { return answer }
      guard asked.headers["X-Shopify-Access-Token"] == Self.token else {
        return .answer(
          401,
          ["errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"]
        )
      }
      let base = ["admin", "api", "2026-10"]
      switch asked.target.segments {
      case base + ["graphql.json"]:
        return GraphShop(list: list, items: sorted, depth: settings.depth).answer(asked.body)
      case base + ["\(list).json"]:
        return RestShop(list: list, items: sorted, depth: settings.depth).answer(asked)
      default: return .answer(404, ["errors": "Not Found"])
      }
    }
  }

  /// The base address of the API.
  var address: String { "\(api.address)/admin/api/2026-10" }
}

extension FakeShop {
  /// The points are used up, which comes with status 200 and no data.
  static let throttled = Response.answer(
    200,
    [
      "errors": [["message": "Throttled", "extensions": ["code": "THROTTLED"]]],
      "extensions": [
        "cost": [
          "requestedQueryCost": 602, "actualQueryCost": nil,
          "throttleStatus": [
            "maximumAvailable": 2000, "currentlyAvailable": 12, "restoreRate": 100,
          ],
        ]
      ],
    ])

  /// An error that comes with status 200.
  static func failing(_ code: String, data: JSONValue? = nil) -> Response {
    var answer: JSONObject = [
      "errors": [["message": "Something", "extensions": ["code": .string(code)]]]
    ]
    answer["data"] = data
    return .answer(200, .object(answer))
  }

  /// The bucket of REST has run over.
  static let tooMany = Response.answer(
    429,
    [
      "errors":
        "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."
    ],
    headers: ["Retry-After": "2.0", "X-Shopify-Shop-Api-Call-Limit": "40/40"])

  /// One thing for each moment.
  static func items(_ list: String, at moments: [Int64], by random: inout Seeded) -> [Item] {
    moments.enumerated().map { place, moment in
      let id = 5_000_000 + place * 7
      let refunds = list == "orders" && place % 3 == 0 ? (0...place % 2).map { id + 1 + $0 } : []
      let amount = "\(Int.random(in: 1...900, using: &random)).\(place % 10)0"
      return Item(
        id: id, created: moment, graph: graph(list, id, moment, amount, refunds),
        rest: rest(list, id, moment, amount, refunds), isClosed: place % 2 == 0, refunds: refunds)
    }
  }

  private static func graph(
    _ list: String, _ id: Int, _ moment: Int64, _ amount: String, _ refunds: [Int]
  ) -> JSONValue {
    let money: JSONValue = ["amount": .string(amount), "currencyCode": "EUR"]
    let set: JSONValue = ["shopMoney": money, "presentmentMoney": money]
    let at = JSONValue.string(Instant(microseconds: moment * 1_000_000).description)
    let customer: JSONValue = ["id": "gid://shopify/Customer/1", "legacyResourceId": "1"]
    func gid(_ kind: String, _ id: Int) -> JSONObject {
      [
        "id": .string("gid://shopify/\(kind)/\(id)"), "legacyResourceId": .string("\(id)"),
        "createdAt": at, "updatedAt": at,
      ]
    }
    var object: JSONObject
    switch list {
    case "orders":
      object = gid("Order", id)
      object["name"] = "#1001"
      for key in ["processedAt", "closedAt", "cancelledAt"] { object[key] = at }
      object["test"] = false
      object["displayFinancialStatus"] = "PAID"
      object["displayFulfillmentStatus"] = "FULFILLED"
      object["totalPriceSet"] = set
      object["totalRefundedSet"] = set
      object["customer"] = customer
      object["refunds"] = .array(
        refunds.map { refund in
          var refund = gid("Refund", refund)
          refund["note"] = .null
          refund["order"] = customer
          refund["totalRefundedSet"] = set
          return .object(refund)
        })
    case "customers":
      object = gid("Customer", id)
      object["state"] = "ENABLED"
      object["numberOfOrders"] = "3"
      object["amountSpent"] = money
      object["defaultEmailAddress"] = ["emailAddress": "ann@example.com"]
    default:
      object = gid("Product", id)
      for key in ["title", "handle", "status", "vendor", "productType"] { object[key] = "x" }
      object["publishedAt"] = .null
      object["tags"] = ["a", "b"]
    }
    return .object(object)
  }

  private static func rest(
    _ list: String, _ id: Int, _ moment: Int64, _ amount: String, _ refunds: [Int]
  ) -> JSONValue {
    // The shop's own zone, five hours behind.
    let local = Instant(microseconds: (moment - 18_000) * 1_000_000).description.dropLast()
    let at = JSONValue.string("\(local)-05:00")
    let lists: [String: String] = ["orders": "total_price", "customers": "total_spent"]
    var object: JSONObject = [
      "id": JSONValue(id), "created_at": at, "updated_at": at, "currency": "EUR",
    ]
    if let name = lists[list] { object[name] = .string(amount) }
    if list == "orders" {
      object["refunds"] = .array(
        refunds.map { ["id": JSONValue($0), "order_id": JSONValue(id), "created_at": at] })
    }
    return .object(object)
  }
}

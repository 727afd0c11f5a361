import Domain
import HTTP
import JSON
import Outbound

/// An API on this machine that answers as a test says, and remembers what it was asked.
final class FakeAPI: Sendable {
  private let server: Server
  private let log: Log

  /// One request as it came.
  struct Asked: Sendable {
    var number: Int
    var method: HTTP.Method
    var target: Target
    var headers: Headers
    var body: String
  }

  private actor Log {
    var asked: [Asked] = []

    func add(_ request: Request, body: String) -> Asked {
      let new = Asked(
        number: asked.count, method: request.method, target: request.target,
        headers: request.headers, body: body)
      asked.append(new)
      return new
    }
  }

  /// Answers every request by a function of it.
  init(_ answer: @escaping @Sendable (Asked) async -> Response) throws {
    let log = Log()
    self.log = log
    server = try Server { request in
      let body: [UInt8]
      do {
        body = try await request.body()
      } catch {
        return .text(400, "\(error)")
      }
      return await answer(await log.add(request, body: String(decoding: body, as: UTF8.self)))
    }
  }

  /// Answers every request with this JSON.
  convenience init(json: String) throws {
    try self.init { _ in .json(json) }
  }

  /// The base address.
  var address: String { "http://127.0.0.1:\(server.port)" }

  /// What was asked so far.
  var asked: [Asked] { get async { await log.asked } }
}

extension Response {
  /// An answer of 200 with this JSON.
  static func json(_ text: String, headers: Headers = Headers()) -> Response {
    var all = headers
    all["Content-Type"] = "application/json"
    return Response(200, headers: all, body: .bytes(Array(text.utf8)))
  }
}

/// A source `shop` whose stream `orders` is read from an API, with parts to vary.
func api(
  _ base: String, source: String = "", query: String = "", pagination: String = "{type: \"none\"}",
  stream: String = ""
) throws -> SourceDefinition {
  try shop(
    """
    {sources: {shop: {connector: "rest", base_url: "\(base)", \(source)
      streams: {orders: {key: "order:{id}", event_time: {field: "at", format: "epoch_seconds"},
        path: "/orders", records: "data",
        query: {"at[gte]": "{window.from}", "at[lt]": "{window.to}" \(query)},
        window: {from: "gte", to: "lt", format: "epoch_seconds"},
        pagination: \(pagination), \(stream)
      }}}}}
    """)
}

/// A window of the thousand seconds after 1970.
let thousandSeconds = Window(
  from: Instant(microseconds: 0), to: Instant(microseconds: 1_000_000_000))

/// The fields of the tests' records.
let idAndTime = [JSONPath("id"), JSONPath("at")]

/// Records with ids counted from a number on.
func records(_ ids: Range<Int>) -> String {
  "[" + ids.map { "{\"id\":\"r\($0)\",\"at\":\($0)}" }.joined(separator: ",") + "]"
}

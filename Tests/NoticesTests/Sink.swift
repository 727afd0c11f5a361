import Domain
import HTTP
import JSON

/// A receiver of webhooks that keeps what it gets, to the byte.
final class Sink: Sendable {
  /// A request as it came.
  struct Delivery: Sendable {
    var path: String
    var headers: Headers
    var body: [UInt8]

    var id: String { headers["webhook-id"] ?? "" }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { get throws { try JSONValue.parse(body) } }
    /// Everything of the request, as one text.
    var everything: String {
      headers.fields.map { "\($0.name): \($0.value)\n" }.joined() + path + text
    }
  }

  private let log: Locked<[Delivery]>
  private let server: Server

  var deliveries: [Delivery] { log.withLock { $0 } }
  var ids: [String] { deliveries.map(\.id) }

  /// A sink that answers as `answer` says, 204 unless told otherwise.
  init(_ answer: @escaping @Sendable (Delivery) async -> Response = { _ in Response(204) }) throws {
    let log = Locked<[Delivery]>([])
    self.log = log
    server = try Server { (request) throws(RequestFault) in
      let delivery = Delivery(
        path: request.target.text, headers: request.headers, body: try await request.body())
      log.withLock { $0.append(delivery) }
      return await answer(delivery)
    }
  }

  func url(_ path: String = "/hook") -> String { "http://127.0.0.1:\(server.port)\(path)" }

  /// A signed webhook to this sink; the secret is the variable HOOK.
  func webhook(_ path: String = "/hook") -> Domain.Delivery {
    .webhook(url: .plain(url(path)), secret: .environment("HOOK"))
  }
}

/// The secret of all webhooks here.
let hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

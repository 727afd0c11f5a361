/// A request in the hands of its handler; the body is read when the handler asks for it, so that
/// nobody's body is read before the handler knows who sends it.
public struct Request: Sendable {
  /// Method, target and headers.
  public let head: RequestHead
  /// The decoded segments that stood in the places of the route's parameters, by name.
  public var parameters: [String: String] = [:]
  private let exchange: Exchange

  init(_ head: RequestHead, _ exchange: Exchange) {
    self.head = head
    self.exchange = exchange
  }

  /// The method.
  public var method: Method { head.method }

  /// The path and query.
  public var target: Target { head.target }

  /// The headers.
  public var headers: Headers { head.headers }

  /// Reads the whole body, once, up to a bound in bytes; beyond it, and when it comes too slowly or
  /// is broken, throws the fault to answer with.
  public func body(upTo limit: Int = 1 << 20) async throws(RequestFault) -> [UInt8] {
    try await exchange.readBody(upTo: limit)
  }
}

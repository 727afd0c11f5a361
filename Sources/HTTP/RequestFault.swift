/// Why a request cannot be taken, with the status that says so to its sender.
public struct RequestFault: Error, Hashable, Sendable {
  /// The status of the answer, 400 to 599.
  public let status: Int
  /// One sentence for the sender.
  public let message: String

  /// A fault with its status and sentence.
  public init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The answer that tells the fault.
  public var response: Response {
    var response = Response.problem(status, message)
    // Exactly one challenge, so that a client knows how to come back.
    if status == 401 { response.headers["WWW-Authenticate"] = "Bearer" }
    return response
  }

  static func malformed(_ message: String) -> RequestFault { RequestFault(400, message) }
}

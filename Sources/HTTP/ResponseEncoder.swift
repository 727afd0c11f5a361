/// Turns answers into bytes.
///
/// It knows nothing of sockets.
public struct ResponseEncoder: Sendable {
  /// How the body is delimited.
  public enum Framing: Hashable, Sendable {
    /// The answer cannot have a body (204, 304).
    case none
    /// So many bytes.
    case length(Int)
    /// In chunks, each with its length.
    case chunked
    /// By the end of the connection, for readers that speak HTTP/1.0.
    case untilClose
  }

  /// The bytes of a status line and headers; nil where a header would break the message or frame
  /// it.
  public static func head(
    _ status: Int, _ headers: Headers, framing: Framing, keepsAlive: Bool
  ) -> [UInt8]? {
    guard headers.fields.allSatisfy(isSendable) else { return nil }
    var text = "HTTP/1.1 \(status) \(reason(status))\r\n"
    for field in headers.fields { text += "\(field.name): \(field.value)\r\n" }
    switch framing {
    case .length(let length): text += "Content-Length: \(length)\r\n"
    case .chunked: text += "Transfer-Encoding: chunked\r\n"
    case .none, .untilClose: break
    }
    text += keepsAlive && framing != .untilClose ? "\r\n" : "Connection: close\r\n\r\n"
    return Array(text.utf8)
  }

  /// The bytes of one chunk; none for an empty piece, which would end the body.
  public static func chunk(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
  }

  /// The bytes that end a chunked body.
  public static let lastChunk = Array("0\r\n\r\n".utf8)

  /// The bytes that ask a waiting sender for its body.
  static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

  private static func isSendable(_ field: Headers.Field) -> Bool {
    !field.name.isEmpty && field.name.utf8.allSatisfy(isTokenByte)
      && field.value.utf8.allSatisfy(isValueByte)
      && !["Content-Length", "Transfer-Encoding", "Connection"]
        .contains { equalIgnoringCase($0, field.name) }
  }
}

/// The words beside a status, for people who read the wire.
func reason(_ status: Int) -> String { reasons[status] ?? "Status" }

private let reasons: [Int: String] = [
  200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
  302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
  308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
  404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
  410: "Gone", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
  417: "Expectation Failed", 422: "Unprocessable Content", 429: "Too Many Requests",
  431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
  502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
]

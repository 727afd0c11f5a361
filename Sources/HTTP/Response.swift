/// What a handler answers.
public struct Response: Sendable {
  /// The body of an answer.
  public enum Body: Sendable {
    /// All of it.
    case bytes([UInt8])
    /// Written piece by piece as the reader takes it, with the length where it is known; an error
    /// thrown, or a length not kept, breaks the connection off, so that the reader can tell.
    case stream(length: Int?, @Sendable (BodyWriter) async throws -> Void)
  }

  /// The status, 200 to 599.
  public var status: Int
  /// The headers, without those that frame the message.
  public var headers: Headers
  /// The body.
  public var body: Body

  /// An answer.
  public init(_ status: Int, headers: Headers = Headers(), body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer whose body is text, in UTF-8, of a media type.
  public static func text(_ status: Int, _ text: String, type: String = "text/plain") -> Response {
    Response(
      status, headers: ["Content-Type": "\(type); charset=utf-8"], body: .bytes(Array(text.utf8)))
  }

  /// An answer whose body is JSON, as bytes.
  public static func json(_ status: Int, _ bytes: [UInt8]) -> Response {
    Response(status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
  }

  /// An answer that says in one sentence why a request is not served (RFC 9457).
  public static func problem(_ status: Int, _ sentence: String) -> Response {
    let detail = jsonString(sentence)
    let text = #"{"status":\#(status),"title":\#(jsonString(reason(status))),"detail":\#(detail)}"#
    return Response(
      status, headers: ["Content-Type": "application/problem+json"], body: .bytes(Array(text.utf8)))
  }
}

/// A text as a JSON string.
private func jsonString(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": quoted += "\\\(scalar)"
    case "\u{0}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}

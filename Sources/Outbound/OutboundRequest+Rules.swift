extension OutboundRequest {
  /// Throws `invalidRequest` for headers that could change how the message is framed or where it
  /// goes, and for limits that are none.
  public func validate() throws(OutboundError) {
    for field in headers.fields {
      guard !field.name.isEmpty, field.name.utf8.allSatisfy(isTokenByte) else {
        throw OutboundError(.invalidRequest, "A header's name holds a character it may not hold.")
      }
      guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw OutboundError(
          .invalidRequest, "The value of header \(field.name) holds a control character.")
      }
      guard !framing.contains(where: { equalIgnoringCase($0, field.name) }) else {
        throw OutboundError(.invalidRequest, "Header \(field.name) is set by the client itself.")
      }
    }
    let deadlines = [limits.connect, limits.head, limits.idle, limits.whole]
    let bounds = [limits.headBytes, limits.wireBytes, limits.unpackedBytes]
    guard deadlines.allSatisfy({ $0 > .zero }), bounds.allSatisfy({ $0 > 0 }) else {
      throw OutboundError(.invalidRequest, "Every limit of a request must be greater than zero.")
    }
  }

  /// Where to ask next after an answer: nil when it is the final one.
  func redirect(of response: OutboundResponse) throws(OutboundError) -> URLReference? {
    guard redirects == .followedOnSameHost, [301, 302, 303, 307, 308].contains(response.status)
    else { return nil }
    func refused(_ reason: String) -> OutboundError {
      OutboundError(
        .redirectRefused, "\(response.url.authority) redirects \(reason).",
        requests: response.requests)
    }
    guard method == .get || method == .head else { throw refused("a \(method.rawValue)") }
    guard response.requests <= 3 else { throw refused("more than three times") }
    guard let location = response.headers["Location"] else {
      throw refused("without saying where to")
    }
    let target: URLReference
    do {
      target = try response.url.resolving(location)
    } catch {
      throw refused("to an address that cannot be asked")
    }
    guard response.url.mayLead(to: target) else {
      throw refused("to \(target.origin), where the request may not go")
    }
    return target
  }
}

/// What frames a message or names its receiver, and is never the caller's.
private let framing = [
  "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "TE", "Trailer",
  "Keep-Alive", "Proxy-Connection", "Expect", "Accept-Encoding",
]

/// Whether a byte may stand in a header's name (RFC 9110, 5.6.2).
private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}

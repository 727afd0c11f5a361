/// Why a request got no answer, or a mail was not taken.
public struct OutboundError: Error, Hashable, Sendable {
  /// What went wrong.
  public enum Kind: Hashable, Sendable {
    /// What was asked cannot be sent: a bad address, header or message.
    case invalidRequest
    /// The host's name leads to no address.
    case resolve
    /// No connection could be made.
    case connect
    /// The connect policy refused every address of the host.
    case addressRefused
    /// The connection could not be encrypted, or the certificate is not to be trusted.
    case tls
    /// A deadline passed.
    case timeout(Deadline)
    /// The answer is larger than the request allows.
    case tooLarge(Bound)
    /// The connection ended, or its framing broke, before the answer was whole.
    case cutOff
    /// A kept connection died when it was used again; the request was not sent a second time, for
    /// every request counts. Whether the server acted on it is unknown.
    case staleConnection
    /// The answer is not HTTP, or its packing is broken.
    case malformed
    /// A redirect leads where the request may not go, or there are too many of them.
    case redirectRefused
    /// The mail server refused the mail or its sender; the code is the one that it gave.
    case mailRefused(code: Int)
    /// The task that waited was cancelled.
    case cancelled
    /// Something else inside libcurl.
    case failed
  }

  /// The deadlines of a request.
  public enum Deadline: String, Hashable, Sendable {
    /// Until the connection stood.
    case connect
    /// Until the first byte of the answer.
    case head
    /// Between two pieces of the answer.
    case idle
    /// Until the answer was whole.
    case whole
  }

  /// The bounds on an answer's size.
  public enum Bound: String, Hashable, Sendable {
    /// The headers.
    case head
    /// The body as it came over the wire.
    case wire
    /// The body unpacked.
    case unpacked
  }

  /// What went wrong.
  public var kind: Kind
  /// One sentence that says what happened; holds no path, query or header of the request.
  public var message: String
  /// How many requests were sent, those answered by a redirect included.
  public var requests: Int

  /// An error of a kind, told in one sentence.
  public init(_ kind: Kind, _ message: String, requests: Int = 0) {
    self.kind = kind
    self.message = message
    self.requests = requests
  }

  /// Whether it is certain that no request left this machine.
  public var nothingWasSent: Bool { requests == 0 }
}

extension OutboundError: CustomStringConvertible {
  /// The sentence.
  public var description: String { message }
}

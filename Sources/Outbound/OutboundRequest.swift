/// One request to be sent: nothing is added to it but what HTTP itself asks for.
public struct OutboundRequest: Sendable {
  /// The methods that are needed.
  public enum Method: String, Hashable, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
  }

  /// What to do with an answer that leads elsewhere.
  public enum Redirects: Hashable, Sendable {
    /// Give the answer back as it is.
    case returned
    /// Follow up to three, of GET and HEAD only, on the same host and port and never from https to
    /// http; any other fails the request.
    case followedOnSameHost
  }

  /// The method.
  public var method: Method
  /// Where to send it.
  public var url: URLReference
  /// The headers, credentials included.
  ///
  /// Host and what frames the message may not be among them.
  public var headers: HeaderFields
  /// The body; nil for none.
  public var body: [UInt8]?
  /// The deadlines and bounds.
  public var limits: OutboundLimits
  /// Whether the answer may come packed by gzip; it is unpacked within the bounds.
  public var acceptsGzip: Bool
  /// What to do with an answer that leads elsewhere.
  public var redirects: Redirects

  /// A request; by default it accepts gzip and follows no redirect.
  public init(
    _ method: Method, _ url: URLReference, headers: HeaderFields = HeaderFields(),
    body: [UInt8]? = nil, limits: OutboundLimits = OutboundLimits(), acceptsGzip: Bool = true,
    redirects: Redirects = .returned
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.limits = limits
    self.acceptsGzip = acceptsGzip
    self.redirects = redirects
  }
}

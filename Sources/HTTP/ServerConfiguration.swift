/// Where a server listens and what it grants to those who connect.
public struct ServerConfiguration: Sendable {
  /// Where a server listens.
  public enum Address: Hashable, Sendable {
    /// A numeric IPv4 or IPv6 address; port 0 lets the system choose.
    case tcp(host: String, port: UInt16)
    /// A socket in the file system, of at most 107 bytes; a dead one of that name is replaced.
    case unix(path: String)
  }

  /// Where to listen; by default on the loopback address and a port that the system chooses.
  public var address = Address.tcp(host: "127.0.0.1", port: 0)
  /// Bounds on the head of a request.
  public var limits = RequestLimits()
  /// Connections open at once; those beyond are told 503.
  public var connections = 1024
  /// Connections open at once from one address; those beyond are told 503.
  public var connectionsPerPeer = 1024
  /// Requests served on one connection before it is closed.
  public var requestsPerConnection = 10_000
  /// From the first byte of a request, or from a new connection, to the end of its headers.
  public var headDeadline = Duration.seconds(10)
  /// From the handler's wish for the body to the body's end.
  public var bodyDeadline = Duration.seconds(30)
  /// Between two requests of a connection.
  public var idleDeadline = Duration.seconds(60)
  /// Without the reader taking a single byte of an answer.
  public var writeDeadline = Duration.seconds(30)

  /// The defaults, as they stand beside the names.
  public init() {}
}

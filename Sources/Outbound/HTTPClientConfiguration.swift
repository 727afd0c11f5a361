/// What all requests of a client share.
public struct HTTPClientConfiguration: Sendable {
  /// Whether requests go through a proxy.
  public enum Proxy: Hashable, Sendable {
    /// Straight to the host, whatever the environment says.
    case none
    /// Through the proxy that `http_proxy`, `https_proxy` and `no_proxy` name.
    case environment
  }

  /// The product named to servers where a request names none.
  public var userAgent = "backfill"
  /// Judges every address before it is connected to.
  public var connectPolicy = ConnectPolicy.any
  /// Whether requests go through a proxy.
  public var proxy = Proxy.none
  /// How many connections may be open at once, over all hosts; requests beyond wait.
  public var connections = 256
  /// How many seconds a kept connection may lie idle and still be used again; servers close theirs
  /// at times of their own, and a request on a closed one fails.
  public var idleSeconds = 20

  /// The defaults, as they stand beside the names.
  public init() {}
}

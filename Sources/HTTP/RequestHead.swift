/// A request without its body.
public struct RequestHead: Hashable, Sendable {
  /// How the body is delimited.
  public enum Framing: Hashable, Sendable {
    /// So many bytes; 0 for no body.
    case length(Int)
    /// In chunks, each with its length.
    case chunked
  }

  /// The method.
  public let method: Method
  /// What is asked for.
  public let target: Target
  /// The headers, in the order they came.
  public let headers: Headers
  /// How the body is delimited.
  public let framing: Framing
  /// Whether the sender wants the connection kept for its next request.
  public let keepsAlive: Bool
  /// Whether the sender speaks HTTP/1.1, and so understands chunks; else HTTP/1.0.
  public let isCurrent: Bool
  /// Whether the sender waits to be told before it sends its body.
  public let expectsContinue: Bool
}

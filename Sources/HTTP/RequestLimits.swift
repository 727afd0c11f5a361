/// Bounds on what a request may take before anybody has looked at it.
public struct RequestLimits: Hashable, Sendable {
  /// Bytes of the request line and all headers, and again of the trailers; beyond is 431.
  public var headBytes = 16 << 10
  /// Headers, and again trailers; beyond is 431.
  public var fieldCount = 100
  /// Bytes of the target; beyond is 414.
  public var targetBytes = 8 << 10
  /// Bytes of all extensions of a chunked body, which nobody uses; beyond is 400.
  public var chunkExtensionBytes = 4 << 10

  /// The defaults, as they stand beside the names.
  public init() {}
}

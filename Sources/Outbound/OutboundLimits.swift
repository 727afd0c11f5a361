/// The deadlines and bounds of one request; every one of them is always set.
public struct OutboundLimits: Hashable, Sendable {
  /// From the start to an open and, for https, encrypted connection.
  public var connect: Duration = .seconds(10)
  /// From the request sent to the first byte of the answer.
  public var head: Duration = .seconds(30)
  /// Between two pieces of the answer.
  public var idle: Duration = .seconds(15)
  /// From the start to the last byte of the answer, redirects included.
  public var whole: Duration = .seconds(120)
  /// Bytes of the answer's headers.
  public var headBytes = 64 << 10
  /// Bytes of the answer's body as they come over the wire.
  public var wireBytes = 32 << 20
  /// Bytes of the answer's body when unpacked.
  public var unpackedBytes = 128 << 20

  /// The defaults, as they stand beside the names.
  public init() {}
}

/// A whole answer.
public struct OutboundResponse: Sendable {
  /// The status, 200 to 599.
  public var status: Int
  /// The headers, in the order they came.
  public var headers: HeaderFields
  /// The body, unpacked.
  public var body: [UInt8]
  /// Where the answer came from: the request's address, or that of the last redirect.
  public var url: URLReference
  /// How many requests were sent: one, and one more for each redirect followed.
  public var requests: Int
  /// Bytes of the body as they came over the wire.
  public var wireBytes: Int
}

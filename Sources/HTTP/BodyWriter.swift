/// Writes the pieces of a streamed body.
public struct BodyWriter: Sendable {
  private let exchange: Exchange

  init(_ exchange: Exchange) {
    self.exchange = exchange
  }

  /// Writes a piece and waits until the reader has taken enough of what was written before; throws
  /// `ConnectionClosed` when it will take no more.
  public func write(_ bytes: [UInt8]) async throws(ConnectionClosed) {
    try await exchange.write(bytes)
  }
}

/// The reader of an answer is gone, or too slow.
public struct ConnectionClosed: Error, Hashable, Sendable {}

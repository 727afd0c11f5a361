/// Sends HTTP requests, exactly as many as are asked for, each within its limits.
///
/// One thread drives all of them over libcurl and keeps connections for the next request. Nothing
/// is remembered but connections: no cookies, no credentials.
public final class HTTPClient: Sendable {
  private let configuration: HTTPClientConfiguration
  private let loop: TransferLoop

  /// A client with a thread of its own, which ends with the client.
  public init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration())
    throws(OutboundError)
  {
    self.configuration = configuration
    loop = try TransferLoop(connections: configuration.connections)
  }

  deinit { loop.stop() }

  /// Sends a request and waits for the whole answer, of whatever status.
  ///
  /// Cancelling the task ends the transfer.
  public func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    let started = ContinuousClock.now
    var next = request
    var sent = 0
    while true {
      let (response, following) = try await step(next, after: sent, started: started)
      guard let following else { return response }
      next = following
      sent = response.requests
    }
  }

  /// Sends a request and waits for its answer; where that is a redirect to be followed, gives the
  /// request to send next.
  ///
  /// `sent` is how many requests led here, which the answer, or the error, counts too.
  public func step(
    _ request: OutboundRequest, after sent: Int = 0, started: ContinuousClock.Instant = .now
  ) async throws(OutboundError) -> (OutboundResponse, following: OutboundRequest?) {
    try request.validate()
    var response: OutboundResponse
    do {
      response = try await transfer(request, started: started)
    } catch {
      throw OutboundError(error.kind, error.message, requests: sent + error.requests)
    }
    response.requests += sent
    guard let target = try request.redirect(of: response) else { return (response, nil) }
    var following = request
    following.url = target
    return (response, following)
  }

  private func transfer(_ request: OutboundRequest, started: ContinuousClock.Instant)
    async throws(OutboundError) -> OutboundResponse
  {
    let transfer = HTTPTransfer(request, configuration, started: started, begun: .now)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.resume = { continuation.resume(returning: $0) }
        loop.start(transfer)
      }
    } onCancel: {
      loop.cancel(transfer)
    }
    var response = try result.get()
    // Here and not on the loop's thread, which all transfers share.
    try response.unpack(limit: request.limits.unpackedBytes)
    return response
  }
}

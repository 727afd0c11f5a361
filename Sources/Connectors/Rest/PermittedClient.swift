import Domain
import JSON
import Outbound

/// Sends requests to a source, each with a permit of its own, resends and redirects included.
struct PermittedClient: Sendable {
  /// Sends them.
  let client: HTTPClient
  /// Lets them out.
  let permits: any RequestPermits
  /// The time, where an answer does not say it.
  let now: @Sendable () -> Instant

  /// The answer, which `judge` finds no fault with.
  ///
  /// Throws what it finds, or why there is no answer.
  func send(
    _ request: OutboundRequest, judge: (OutboundResponse) -> SourceFailure?
  ) async throws(SourceFailure) -> OutboundResponse {
    var next = request
    var sent = 0
    var mayResend = true
    while true {
      let permit = try await permits.take(for: PermitRequest(next))
      let response: OutboundResponse
      let following: OutboundRequest?
      do throws(OutboundError) {
        (response, following) = try await client.step(next, after: sent)
      } catch {
        await permits.settle(permit, error.requests == sent ? .unsent : .unanswered)
        // The kept connection had been closed by the other side. Reading twice changes nothing, so
        // it is asked once more, and counted.
        guard error.kind == .staleConnection, mayResend else { throw SourceFailure(error) }
        mayResend = false
        sent = error.requests
        continue
      }
      let failure = following == nil ? judge(response) : nil
      let wait = await permits.settle(permit, .answered(answer(response, failure)))
      if var failure {
        if failure.kind == .rateLimited { failure.retryAfter = wait ?? failure.retryAfter }
        throw failure
      }
      guard let following else { return response }
      next = following
      sent = response.requests
    }
  }

  private func answer(_ response: OutboundResponse, _ failure: SourceFailure?) -> QuotaAnswer {
    let refusal =
      failure?.kind == .rateLimited
      ? QuotaAnswer.Refusal(wait: failure?.retryAfter, message: failure?.message ?? "") : nil
    return QuotaAnswer(
      refusal: refusal, now: response.headers["Date"].flatMap(RetryAfter.date) ?? now(),
      header: { response.headers[$0] },
      value: { path in
        do {
          return try JSONValue.parse(response.body)[path]
        } catch {
          // An answer that cannot be read says nothing about the budget; its reader says why.
          return nil
        }
      })
  }
}

extension PermitRequest {
  fileprivate init(_ request: OutboundRequest) {
    self.init(method: request.method.rawValue, path: request.url.path)
  }
}

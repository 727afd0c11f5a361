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

  /// The answer, and what `read` makes of it.
  ///
  /// Throws what that throws, or why there is no answer; the failure counts the requests sent.
  func send<Reading>(
    _ request: OutboundRequest, read: (OutboundResponse) throws(SourceFailure) -> Reading
  ) async throws(SourceFailure) -> (OutboundResponse, Reading) {
    var next = request
    var sent = 0
    var mayResend = true
    while true {
      let permit = try await permit(for: next, after: sent)
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
      if let following {
        await permits.settle(permit, .answered(answer(response, nil)))
        next = following
        sent = response.requests
        continue
      }
      do throws(SourceFailure) {
        let reading = try read(response)
        await permits.settle(permit, .answered(answer(response, nil)))
        return (response, reading)
      } catch {
        var failure = error
        let wait = await permits.settle(permit, .answered(answer(response, failure)))
        failure.requests += response.requests
        guard failure.kind == .rateLimited, let wait else { throw failure }
        failure.retryAfter = wait
        failure.isBudgeted = true
        throw failure
      }
    }
  }

  private func permit(
    for request: OutboundRequest, after sent: Int
  ) async throws(SourceFailure) -> Permit {
    do throws(SourceFailure) {
      return try await permits.take(for: PermitRequest(request))
    } catch {
      var failure = error
      failure.requests += sent
      throw failure
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

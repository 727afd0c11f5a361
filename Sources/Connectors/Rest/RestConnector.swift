import Domain
import JSON
import Outbound

/// Reads a stream of an API as its manifest says: one request a page.
struct RestConnector: Connector {
  /// The source's name, as messages say it.
  let source: String
  /// Makes the requests.
  let template: RequestTemplate
  /// Sends them, as often as the source allows.
  let client: PermittedClient
  /// The time, for dates in `Retry-After`.
  let now: @Sendable () -> Instant

  func check() async throws(SourceFailure) {
    // Whatever can be said without asking the source was said when the connector was made.
  }

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    do throws(SourceFailure) {
      return try await read(request)
    } catch {
      var failure = error
      failure.message = template.credentials.redactor.redacted(error.message)
      throw failure
    }
  }

  private func read(_ request: PageRequest) async throws(SourceFailure) -> Page {
    let cursor = try cursor(request.cursor)
    let response = try await answer(to: request.window, at: cursor.position)
    let reader = PageReader(source: source, template: template)
    let (scan, next) = try reader.read(response, at: cursor, fields: request.fields)
    return Page(bytes: response.body, scan: scan, next: next?.text, requests: response.requests)
  }
}

// Asking
extension RestConnector {
  private func cursor(_ text: String?) throws(SourceFailure) -> PageCursor {
    guard let text else { return PageCursor(first: template.stream.pagination.first) }
    guard let cursor = PageCursor(text) else {
      throw SourceFailure(
        .misconfigured, "The checkpoint holds a cursor that the connector of \(source) never made.")
    }
    return cursor
  }

  private func answer(
    to window: Window, at position: String?
  ) async throws(SourceFailure) -> OutboundResponse {
    let request: OutboundRequest
    do throws(OutboundError) {
      request = try template.request(for: window, at: position)
    } catch {
      throw SourceFailure(error)
    }
    return try await client.send(request) { failure(of: $0) }
  }

  private func failure(of response: OutboundResponse) -> SourceFailure? {
    if 200..<300 ~= response.status { return nil }
    let answer = AnswerJudge.Answer(
      status: response.status, retryAfter: response.headers["Retry-After"],
      excerpt: template.credentials.redactor.excerpt(of: response.body))
    return AnswerJudge(source: source).failure(of: answer, now: now())
  }
}

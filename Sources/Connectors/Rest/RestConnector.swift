import Domain
import JSON
import Outbound

/// Reads a stream of an API as its manifest says: one request a page.
struct RestConnector: Connector {
  /// The source's name, as messages say it.
  let source: String
  /// Makes the requests.
  let template: RequestTemplate
  /// Sends them.
  let client: HTTPClient
  /// The time, for dates in `Retry-After`.
  let now: @Sendable () -> Instant
  /// Whether the way to the next page was ever seen.
  private let witness = PositionWitness()

  init(
    source: String, template: RequestTemplate, client: HTTPClient,
    now: @escaping @Sendable () -> Instant
  ) {
    self.source = source
    self.template = template
    self.client = client
    self.now = now
  }

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
    let (response, requests) = try await answer(to: request.window, at: cursor.position)
    do throws(SourceFailure) {
      if let failure = failure(of: response) { throw failure }
      let reader = PageReader(source: source, template: template, witness: witness)
      let (scan, next) = try reader.read(response, at: cursor, fields: request.fields)
      return Page(bytes: response.body, scan: scan, next: next?.text, requests: requests)
    } catch {
      var failure = error
      failure.requests = requests
      throw failure
    }
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

  /// The answer, and how many requests it took.
  private func answer(
    to window: Window, at position: String?
  ) async throws(SourceFailure) -> (OutboundResponse, requests: Int) {
    do throws(OutboundError) {
      let request = try template.request(for: window, at: position)
      do throws(OutboundError) {
        let response = try await client.send(request)
        return (response, response.requests)
      } catch  where error.kind == .staleConnection {
        // The kept connection had been closed by the other side. Reading twice changes nothing, so
        // it is asked once more, and counted.
        return try await again(request, after: error.requests)
      }
    } catch {
      throw SourceFailure(error)
    }
  }

  private func again(
    _ request: OutboundRequest, after requests: Int
  ) async throws(OutboundError) -> (OutboundResponse, requests: Int) {
    do throws(OutboundError) {
      let response = try await client.send(request)
      return (response, response.requests + requests)
    } catch {
      throw OutboundError(error.kind, error.message, requests: error.requests + requests)
    }
  }

  private func failure(of response: OutboundResponse) -> SourceFailure? {
    if 200..<300 ~= response.status { return nil }
    let answer = AnswerJudge.Answer(
      status: response.status, retryAfter: response.headers["Retry-After"],
      excerpt: template.credentials.redactor.excerpt(of: response.body))
    return AnswerJudge(source: source).failure(of: answer, now: now())
  }
}

import Domain
import JSON
import Outbound

/// Reads a stream of an API as its manifest says: one request a page.
struct RestConnector: Connector {
  /// The source's name, as messages say it.
  let source: String
  /// Makes the requests; who asks is filled in page by page.
  let template: RequestTemplate
  /// How the source is shown who asks.
  let login: Login
  /// Sends them, as often as the source allows.
  let client: PermittedClient
  /// The time, for dates in `Retry-After`.
  let now: @Sendable () -> Instant
  /// Whether the way to the next page was ever seen.
  private let witness = PositionWitness()

  init(
    source: String, template: RequestTemplate, login: Login, client: PermittedClient,
    now: @escaping @Sendable () -> Instant
  ) {
    self.source = source
    self.template = template
    self.login = login
    self.client = client
    self.now = now
  }

  func check() async throws(SourceFailure) {
    // Whatever can be said without asking the source was said when the connector was made.
  }

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    var template = template
    var cursor = try cursor(request.cursor, of: request.window)
    var requests = 0
    var renewed = false
    var token: Int?
    while true {
      (template.credentials, token) = try await login.credentials(insteadOf: renewed ? token : nil)
      let reader = PageReader(
        source: source, template: template, window: request.window, cursor: cursor,
        fields: request.fields, witness: witness)
      do throws(SourceFailure) {
        let (response, reading) = try await answer(to: reader)
        requests += response.requests
        switch reading {
        case .page(let scan, let next):
          return Page(bytes: response.body, scan: scan, next: next?.text, requests: requests)
        case .judged(.failure(let failure)): throw failure
        case .judged(.shrinkPage): cursor = try shrunk(cursor)
        case .judged(.refreshAuth):
          guard login.canRenew, !renewed else { throw refused(response.status) }
          renewed = true
        case .judged(.empty), .judged(.skip), .judged(.reject), .judged(.page):
          return try empty(reader, requests: requests)
        }
      } catch {
        var failure = error
        failure.requests += requests
        failure.message = template.credentials.redactor.redacted(error.message)
        throw failure
      }
    }
  }

  private func reading(
    of response: OutboundResponse, by reader: PageReader
  ) throws(SourceFailure) -> PageReader.Reading {
    let judge = AnswerJudge(
      source: source, rules: reader.template.rules, canRenewLogin: login.canRenew)
    guard 200..<300 ~= response.status else {
      return .judged(reader.judgeWhole(response, judge, now: now()))
    }
    return try reader.read(response, judge, now: now())
  }
}

// Steps
extension RestConnector {
  private func cursor(_ text: String?, of window: Window) throws(SourceFailure) -> PageCursor {
    guard let text else {
      return PageCursor(
        first: template.stream.paging.pagination.first,
        slice: template.slice(after: nil, of: window))
    }
    guard let cursor = PageCursor(text) else {
      throw SourceFailure(
        .misconfigured, "The checkpoint holds a cursor that the connector of \(source) never made.")
    }
    return cursor
  }

  private func shrunk(_ cursor: PageCursor) throws(SourceFailure) -> PageCursor {
    let paging = template.stream.paging
    guard let size = cursor.size ?? paging.size, size > paging.smallestSize else {
      throw SourceFailure(
        .refused, "\(source) says that a page is too large, and a smaller one cannot be asked for.")
    }
    return cursor.shrunk(to: max(size / 2, paging.smallestSize))
  }

  private func refused(_ status: Int) -> SourceFailure {
    SourceFailure(
      .unauthorized,
      "\(source) refuses the credentials (\(status)), new ones too; check the secret and its rights."
    )
  }

  /// A page without records.
  private func empty(_ reader: PageReader, requests: Int) throws(SourceFailure) -> Page {
    let nothing = ScannedPage(
      records: [], fields: [], fieldCount: reader.fields.count, envelope: [])
    return Page(
      bytes: [], scan: nothing, next: try reader.followingSlice()?.text, requests: requests)
  }

  /// The answer, and what it says.
  private func answer(
    to reader: PageReader
  ) async throws(SourceFailure) -> (OutboundResponse, PageReader.Reading) {
    let request: OutboundRequest
    do throws(OutboundError) {
      let plain = try reader.template.request(for: reader.window, at: reader.cursor)
      request = login.signed(plain, now: now())
    } catch {
      throw SourceFailure(error)
    }
    return try await client.send(request) { (response) throws(SourceFailure) in
      let reading = try reading(of: response, by: reader)
      if case .judged(.failure(let failure)) = reading { throw failure }
      return reading
    }
  }
}

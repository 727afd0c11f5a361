import Domain
import JSON
import Outbound

/// Asks for the pages of one window of a stream, or of the parents of one.
struct RestQuery: Sendable {
  /// The source's name, as messages say it.
  let source: String
  /// Makes the requests.
  let template: RequestTemplate
  /// How the source is shown who asks.
  let login: Login
  /// Sends requests, as often as the source allows.
  let client: PermittedClient
  /// The time.
  let now: @Sendable () -> Instant
  /// The partition's window.
  let window: Window
  /// The fields wanted of each record.
  let fields: [JSONPath]
  /// Whether the way to the next page was ever seen.
  let witness: PositionWitness

  /// The cursor of a text, or of the first page.
  func cursor(_ text: String?) throws(SourceFailure) -> PageCursor {
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

  /// The page at a cursor, and the cursor of the next.
  ///
  /// It is asked for again where the source says that it was too much at once, and where a new login
  /// is needed.
  func page(
    at start: PageCursor, parent: [Template.Field: String]
  ) async throws(SourceFailure) -> (Page, next: PageCursor?) {
    var template = template
    var cursor = start
    var requests = 0
    var renewed = false
    var refusedToken: Int?
    while true {
      let token: Int?
      (template.credentials, token) = try await login.credentials(insteadOf: refusedToken)
      refusedToken = nil
      let reader = PageReader(
        source: source, template: template, window: window, cursor: cursor, fields: fields,
        witness: witness)
      do throws(SourceFailure) {
        let (response, reading) = try await answer(to: reader, parent: parent)
        requests += response.requests
        switch reading {
        case .page(let bytes, let scan, let next):
          return (Page(bytes: bytes, scan: scan, next: nil, requests: requests), next)
        case .judged(.failure(let failure)): throw failure
        case .judged(.shrinkPage): cursor = try shrunk(cursor)
        case .judged(.refreshAuth):
          guard login.canRenew, !renewed else { throw refused(response.status) }
          renewed = true
          refusedToken = token
        case .judged(.empty), .judged(.skip), .judged(.page):
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

  /// What an answer says; a failure that it is judged to be is thrown, so that the budget hears it.
  func reading(
    of response: OutboundResponse, by reader: PageReader
  ) throws(SourceFailure) -> PageReader.Reading {
    let judge = AnswerJudge(
      source: source, rules: reader.template.rules, canRenewLogin: login.canRenew)
    let reading: PageReader.Reading =
      200..<300 ~= response.status
      ? try reader.read(response, judge, now: now())
      : .judged(reader.judgeWhole(response, judge, now: now()))
    if case .judged(.failure(let failure)) = reading { throw failure }
    return reading
  }
}

// Steps
extension RestQuery {
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
  private func empty(
    _ reader: PageReader, requests: Int
  ) throws(SourceFailure) -> (Page, next: PageCursor?) {
    let nothing = ScannedPage(
      records: [], fields: [], fieldCount: reader.fields.count, envelope: [])
    return (
      Page(bytes: [], scan: nothing, next: nil, requests: requests), try reader.followingSlice()
    )
  }

  private func answer(
    to reader: PageReader, parent: [Template.Field: String]
  ) async throws(SourceFailure) -> (OutboundResponse, PageReader.Reading) {
    let request: OutboundRequest
    do throws(OutboundError) {
      request = try reader.template.request(for: window, at: reader.cursor, parent: parent)
    } catch {
      throw SourceFailure(error)
    }
    return try await send(request) { (response) throws(SourceFailure) in
      try reading(of: response, by: reader)
    }
  }

  /// Sends a request, signed where requests to the source are: the one place where anything goes out.
  ///
  /// Gives the answer, and what `read` makes of it.
  func send<Reading>(
    _ request: OutboundRequest, read: (OutboundResponse) throws(SourceFailure) -> Reading
  ) async throws(SourceFailure) -> (OutboundResponse, Reading) {
    let isOwn = template.manifest.base.mayLead(to: request.url)
    return try await client.send(
      isOwn ? login.signed(request, now: now()) : request, read: read)
  }
}

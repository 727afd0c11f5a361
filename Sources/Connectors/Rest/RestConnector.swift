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
  /// Whether the way to the next page was ever seen, of the records and of their parents.
  private let witness = PositionWitness()
  private let parentWitness = PositionWitness()

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

  var splitRule: SplitRule { template.stream.splitRule }

  func check() async throws(SourceFailure) {
    // Whatever can be said without asking the source was said when the connector was made.
  }

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    try await reader(of: request.window, fields: request.fields).page(at: request.cursor)
  }

  func reader(of window: Window, fields: [JSONPath]) -> any PartitionReader {
    if let export = template.stream.export {
      return ExportReader(query: query(template, window, fields, witness), export: export)
    }
    guard let parents = template.parents else {
      return RestReader(query: query(template, window, fields, witness))
    }
    return ChildReader(
      children: query(template, window, fields, witness),
      parents: query(
        parents, window, ChildReader.fields(of: parents, for: template, fields), parentWitness))
  }

  private func query(
    _ template: RequestTemplate, _ window: Window, _ fields: [JSONPath], _ witness: PositionWitness
  ) -> RestQuery {
    RestQuery(
      source: source, template: template, login: login, client: client, now: now, window: window,
      fields: fields, witness: witness)
  }
}

/// The pages of a partition that is asked for as it is.
private struct RestReader: PartitionReader {
  let query: RestQuery

  func page(at cursor: String?) async throws(SourceFailure) -> Page {
    let (page, next) = try await query.page(at: try query.cursor(cursor), parent: [:])
    return Page(bytes: page.bytes, scan: page.scan, next: next?.text, requests: page.requests)
  }

  func close() async {}
}

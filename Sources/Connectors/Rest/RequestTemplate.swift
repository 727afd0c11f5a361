import Domain
import JSON
import Outbound

/// Makes the requests of a stream out of a window and a position; pure.
struct RequestTemplate: Sendable {
  /// How the API is asked.
  var manifest: RestManifest
  /// How the stream is asked for.
  var stream: RestStream
  /// What shows who asks.
  var credentials: Credentials
  /// The field by which a record belongs to a window.
  var eventTime: EventTime
  /// What is read around the records.
  let envelope: EnvelopeLayout
  /// What answers mean: the stream's rules before the source's.
  let rules: [ErrorRule]

  /// A field that holds a time, and who reads it.
  struct EventTime: Sendable {
    var path: JSONPath
    var reader: TimeReader
  }

  /// The template of a stream.
  init(
    manifest: RestManifest, stream: RestStream, credentials: Credentials, eventTime: EventTime
  ) {
    self.manifest = manifest
    self.stream = stream
    self.credentials = credentials
    self.eventTime = eventTime
    rules = stream.errors + manifest.errors
    envelope = EnvelopeLayout(stream.paging, rules: rules)
  }

  /// The template that lists the parents; nil where there are none.
  var parents: RequestTemplate? {
    guard let parent = stream.parent else { return nil }
    let time = EventTime(
      path: JSONPath(keys: Array(eventTime.path.keys.dropFirst())), reader: eventTime.reader)
    return RequestTemplate(
      manifest: manifest, stream: parent.request, credentials: credentials, eventTime: time)
  }

  /// The same source, asked for something else.
  func asking(_ stream: RestStream) -> RequestTemplate {
    RequestTemplate(
      manifest: manifest, stream: stream, credentials: credentials, eventTime: eventTime)
  }

  /// The request for a file that lies at an address of its own.
  ///
  /// Who asks is shown to the source's own host alone.
  func download(_ url: URLReference) -> OutboundRequest {
    let isOwn = manifest.base.mayLead(to: url)
    var headers = isOwn ? credentials.headers : HeaderFields()
    headers["Accept"] = "*/*"
    return OutboundRequest(
      .get, url, headers: headers, limits: manifest.limits.outbound,
      redirects: .followedOnSameHost)
  }

  /// The request for the page at a cursor of a window, filled in with fields of a parent, where there
  /// is one.
  func request(
    for window: Window, at cursor: PageCursor, parent: [Template.Field: String] = [:]
  ) throws(OutboundError) -> OutboundRequest {
    if let position = cursor.position, stream.paging.pagination.replacesRequest {
      return try outbound(URLReference(manifest.base.origin + position), headers: [], body: nil)
    }
    let values = values(for: window, at: cursor).merging(parent) { own, _ in own }
    let path = stream.path.filled(with: values, encoding: percentEncoded) ?? ""
    let url = try URLReference(Self.joined(manifest.base.text, path))
    return try outbound(
      url.appendingQuery(items(values, isFirst: cursor.position == nil)),
      headers: Self.filled(stream.headers, values), body: body(values))
  }

  /// The day that is asked for after another, or first; nil after the last, and where a request asks
  /// for the whole window.
  func slice(after slice: String?, of window: Window) -> String? {
    guard stream.window.mode == .oneDate else { return nil }
    let bounds = stream.window.bounds
    let dates = bounds.dates(of: window)
    guard let slice else { return bounds.text(of: dates.lowerBound) }
    var date = dates.lowerBound
    while date <= dates.upperBound, bounds.text(of: date) != slice { date = date.adding(days: 1) }
    let next = date.adding(days: 1)
    return next <= dates.upperBound ? bounds.text(of: next) : nil
  }

  /// The position that a link to the next page stands for: path and query, as the host is always
  /// the same, and without the key, which must not lie in a checkpoint.
  func position(of link: String, in answer: URLReference) throws(LinkFault) -> String {
    guard let next = resolved(link, in: answer) else { throw .unreadable }
    guard manifest.base.mayLead(to: next) else { throw .otherHost(next.authority) }
    var target = next.path
    let items = (next.query ?? "").split(separator: "&").filter { !isKey($0) }
    if !items.isEmpty { target += "?" + items.joined(separator: "&") }
    guard !credentials.redactor.holdsSecret(target) else { throw .holdsSecret }
    return target
  }

  /// Why a link to the next page is not followed.
  enum LinkFault: Error, Hashable {
    /// It is no address.
    case unreadable
    /// It leads to another host, port or scheme.
    case otherHost(String)
    /// It holds a secret where none can be taken out.
    case holdsSecret
  }
}

extension RequestTemplate {
  private func values(for window: Window, at cursor: PageCursor) -> [Template.Field: String] {
    var values: [Template.Field: String] = [:]
    values[.cursor] = cursor.position
    values[.pageSize] = (cursor.size ?? stream.paging.size).map(String.init)
    values[.lastID] = cursor.place.seek
    values[.job] = cursor.place.job?.id
    if stream.window.mode == .oneDate {
      values[.windowDate] = cursor.place.slice
    } else {
      (values[.windowFrom], values[.windowTo]) = stream.window.bounds.texts(of: window)
    }
    return values
  }

  private func items(
    _ values: [Template.Field: String], isFirst: Bool
  ) -> [(name: String, value: String)] {
    let isAlone = stream.paging.replacesQuery && !isFirst
    var items = isAlone ? [] : Self.filled(stream.query, values)
    if let name = stream.paging.sizeParameter, let size = values[.pageSize] {
      items.append((name, size))
    }
    if let name = stream.paging.positionParameter, let position = values[.cursor] {
      items.append((name, position))
    }
    return items
  }

  private static func filled(
    _ items: [RestStream.Item], _ values: [Template.Field: String]
  ) -> [(name: String, value: String)] {
    items.compactMap { item in
      item.value.filled(with: values).map { (name: item.name, value: $0) }
    }
  }

  private func body(_ values: [Template.Field: String]) -> [UInt8]? {
    guard let filled = stream.body?.filled(with: values) else { return nil }
    guard stream.bodyType == .form else { return Array(filled.encoded().utf8) }
    let items = (filled.object?.members ?? []).map { name, value in
      "\(percentEncoded(name))=\(percentEncoded(value.plainText ?? value.encoded()))"
    }
    return Array(items.joined(separator: "&").utf8)
  }

  private func outbound(
    _ url: URLReference, headers own: [(name: String, value: String)], body: [UInt8]?
  ) throws(OutboundError) -> OutboundRequest {
    var headers = credentials.headers
    for header in manifest.headers { headers[header.name] = header.value }
    for header in own { headers[header.name] = header.value }
    if headers["Accept"] == nil { headers["Accept"] = "application/json" }
    if body != nil, headers["Content-Type"] == nil {
      headers["Content-Type"] =
        stream.bodyType == .form ? "application/x-www-form-urlencoded" : "application/json"
    }
    let isGet = stream.method == .get
    return OutboundRequest(
      isGet ? .get : .post, try url.appendingQuery(credentials.query.map { [$0] } ?? []),
      headers: headers, body: body, limits: manifest.limits.outbound,
      redirects: isGet ? .followedOnSameHost : .returned)
  }

  private func resolved(_ link: String, in answer: URLReference) -> URLReference? {
    do {
      return try answer.resolving(link)
    } catch {
      return nil
    }
  }

  private func isKey(_ item: Substring) -> Bool {
    guard let key = credentials.query?.name else { return false }
    return PlainText.ofURL(item.prefix { $0 != "=" }) == Array(key.utf8)
  }

  private static func joined(_ base: String, _ path: String) -> String {
    (base.hasSuffix("/") ? String(base.dropLast()) : base)
      + (path.isEmpty || path.hasPrefix("/") ? path : "/" + path)
  }
}

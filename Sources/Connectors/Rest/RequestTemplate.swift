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

  /// The request for the page at a position of a window; nil for the first.
  func request(for window: Window, at position: String?) throws(OutboundError) -> OutboundRequest {
    if let position, stream.pagination.replacesRequest {
      return try outbound(URLReference(manifest.base.origin + position), body: nil)
    }
    let values = values(for: window, at: position)
    let path = stream.path.filled(with: values, encoding: percentEncoded) ?? ""
    let url = try URLReference(Self.joined(manifest.base.text, path))
    return try outbound(
      url.appendingQuery(items(values)),
      body: stream.body?.filled(with: values).map { Array($0.encoded().utf8) })
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
  private func values(for window: Window, at position: String?) -> [Template.Field: String] {
    let (from, to) = stream.bounds.texts(of: window)
    var values: [Template.Field: String] = [.windowFrom: from, .windowTo: to]
    values[.cursor] = position
    values[.pageSize] = stream.pageSize.map(String.init)
    return values
  }

  private func items(_ values: [Template.Field: String]) -> [(name: String, value: String)] {
    var items = stream.query.compactMap { item in
      item.value.filled(with: values).map { (name: item.name, value: $0) }
    }
    if let name = stream.pageSizeParameter, let size = values[.pageSize] {
      items.append((name, size))
    }
    if let name = stream.positionParameter, let position = values[.cursor] {
      items.append((name, position))
    }
    return items
  }

  private func outbound(
    _ url: URLReference, body: [UInt8]?
  ) throws(OutboundError) -> OutboundRequest {
    var headers = credentials.headers
    for header in manifest.headers { headers[header.name] = header.value }
    if headers["Accept"] == nil { headers["Accept"] = "application/json" }
    if body != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
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

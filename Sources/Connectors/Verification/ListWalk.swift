import Domain
import JSON
import Outbound

/// Walks from page to page of a list that is read to verify.
///
/// Cursor texts are `pages position`; a list that comes to a position again leads in a circle.
struct ListWalk {
  /// Lists longer than this are taken to have no end.
  static let mostPages = 10_000_000

  private let list: VerifyDefinition.List
  private let origin: String
  /// The item of the query that holds a secret; it is never kept.
  private let secretName: String?
  private let redactor: Redactor
  private var pages = 0
  /// The position kept from the last power of two, and the one before: enough to find any circle.
  private var anchor: String?
  private(set) var position: String?

  init(list: VerifyDefinition.List, origin: String, credentials: Credentials) {
    self.list = list
    self.origin = origin
    secretName = credentials.query?.name
    redactor = credentials.redactor
    switch list.paging {
    case .page(let first): position = String(first)
    case .offset(let first): position = String(first)
    case .cursor(_, let first): position = first
    case .none, .nextURL, .linkHeader, .lastID: position = nil
    }
  }

  /// Goes on from where an earlier walk was.
  mutating func goOn(from cursor: String?) throws(SourceFailure) {
    guard let cursor else { return }
    let parts = cursor.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let pages = Int(parts[0]) else {
      throw SourceFailure(.misconfigured, "The checkpoint holds a cursor that no list ever gave.")
    }
    self.pages = pages
    position = String(parts[1])
  }

  /// What the position and the size of a page add to the query.
  var items: [(name: String, value: String)] {
    var items: [(name: String, value: String)] = []
    if let name = list.pageSizeParameter, let size = list.pageSize {
      items.append((name, String(size)))
    }
    if !list.paging.replacesRequest, let name = list.positionParameter, let position {
      items.append((name, position))
    }
    return items
  }

  /// The cursor of the page after an answer; nil after the last.
  mutating func next(
    after records: [Range<Int>], in answer: OutboundResponse, source: String
  ) throws(SourceFailure) -> String? {
    guard let next = try following(records, in: answer, source: source) else { return nil }
    pages += 1
    guard next != position, next != anchor, pages < Self.mostPages else {
      throw SourceFailure(.endless, "\(source) gave a list that leads in a circle or never ends.")
    }
    if pages & (pages - 1) == 0 { anchor = next }
    position = next
    return "\(pages) \(next)"
  }

  private func following(
    _ records: [Range<Int>], in answer: OutboundResponse, source: String
  ) throws(SourceFailure) -> String? {
    let hasMore = flag(in: answer.body)
    if hasMore == false { return nil }
    let token = try token(after: records, in: answer, source: source)
    switch list.paging {
    case .none: return nil
    case .nextURL, .linkHeader, .cursor:
      if token == nil, hasMore == true {
        throw SourceFailure(
          .invalidPage, "\(source) promises more of a list, but does not say where.")
      }
      return token
    case .lastID: return records.isEmpty ? nil : token
    case .page, .offset:
      guard !records.isEmpty, let number = Int(position ?? "0") else { return nil }
      if case .offset = list.paging { return String(number + records.count) }
      return String(number + 1)
    }
  }

  private func flag(in body: [UInt8]) -> Bool? {
    list.hasMore.flatMap { scalar(at: $0, in: body, from: 0..<body.count) }.map { $0 == "true" }
  }

  private func token(
    after records: [Range<Int>], in answer: OutboundResponse, source: String
  ) throws(SourceFailure) -> String? {
    switch list.paging {
    case .none, .page, .offset: return nil
    case .cursor(let path, _): return scalar(at: path, in: answer.body, from: 0..<answer.body.count)
    case .lastID(let path):
      return records.last.flatMap { scalar(at: path, in: answer.body, from: $0) }
    case .nextURL(let path):
      let link = scalar(at: path, in: answer.body, from: 0..<answer.body.count)
      return try target(of: link, in: answer, source)
    case .linkHeader:
      return try target(of: Self.nextLink(answer.headers.all("Link")), in: answer, source)
    }
  }

  /// The text of a string or number; nil for null, false, an empty text and nothing.
  private func scalar(at path: JSONPath, in body: [UInt8], from range: Range<Int>) -> String? {
    let written = body.withUnsafeBytes { bytes -> [UInt8]? in
      let part = UnsafeRawBufferPointer(rebasing: bytes[range])
      return PageOutline(part).value(at: path).map { Array(part[$0]) }
    }
    guard let written else { return nil }
    do throws(JSONError) {
      switch try JSONValue.parse(written) {
      case .string(let text): return text.isEmpty ? nil : text
      case .number(let text): return text
      case .bool(true): return "true"
      case .bool(false): return list.hasMore == path ? "false" : nil
      case .null, .array, .object: return nil
      }
    } catch {
      return nil
    }
  }

  /// Path and query of a link on the same host.
  private func target(
    of link: String?, in answer: OutboundResponse, _ source: String
  ) throws(SourceFailure) -> String? {
    guard let link else { return nil }
    let next: URLReference
    do throws(OutboundError) {
      next = try answer.url.resolving(link)
    } catch {
      throw SourceFailure(error)
    }
    guard next.origin == origin else {
      throw SourceFailure(
        .invalidPage, "\(source) gave a link to another host, which is not followed.")
    }
    let items = (next.query ?? "").split(separator: "&").filter { item in
      secretName.map { !item.hasPrefix("\($0)=") } ?? true
    }
    let target = items.isEmpty ? next.path : "\(next.path)?\(items.joined(separator: "&"))"
    guard !redactor.holdsSecret(target) else {
      throw SourceFailure(
        .invalidPage, "\(source) gave a link that holds the credentials, which is not kept.")
    }
    return target
  }

  /// The target with `rel="next"` among the values of `Link`.
  private static func nextLink(_ values: [String]) -> String? {
    for value in values {
      for part in value.split(separator: "<").dropFirst(value.hasPrefix("<") ? 0 : 1) {
        guard let end = part.firstIndex(of: ">") else { continue }
        let parameters = part[end...].lowercased()
        if parameters.contains("rel=\"next\"") || parameters.contains("rel=next") {
          return String(part[..<end])
        }
      }
    }
    return nil
  }
}

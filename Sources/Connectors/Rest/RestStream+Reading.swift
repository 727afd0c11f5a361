import Domain
import JSON
import Spelling

extension RestStream {
  /// How a stream's definition says that its pages are asked for; nil, with the faults noted, where
  /// it has any.
  static func read(_ reader: ObjectReader) -> RestStream? {
    let method = reader.optionalChoice("method", of: Method.self) ?? .get
    let path = reader.template("path")
    let query = items(reader.optionalObject("query"))
    let body = reader.optionalValue("body").map { readBody($0, reader) }
    let records = JSONPath(reader.optionalString("records") ?? "")
    let bounds = WireBounds.read(reader.object("window"))
    let hasMore = reader.optionalString("has_more").map { JSONPath($0) }
    let paging = Paging(reader.object("pagination"))
    guard let path, let bounds, let pagination = paging.pagination else { return nil }
    let stream = RestStream(
      method: method, path: path, query: query, body: body, records: records, bounds: bounds,
      pagination: pagination, positionParameter: paging.parameter, hasMore: hasMore,
      pageSize: paging.size, pageSizeParameter: paging.sizeParameter)
    stream.check(reader)
    return stream
  }

  private static func items(_ reader: ObjectReader?) -> [Item] {
    guard let reader else { return [] }
    return reader.keys.compactMap { name in
      reader.template(name).map { Item(name: name, value: $0) }
    }
  }

  private static func readBody(_ value: JSONValue, _ reader: ObjectReader) -> BodyTemplate {
    BodyTemplate(value) { path, fault in reader.fault("body\(path)", fault.sentence) }
  }

  /// What only shows when all parts are seen together.
  private func check(_ reader: ObjectReader) {
    let fields = query.reduce(into: path.fields.union(body?.fields ?? [])) {
      $0.formUnion($1.value.fields)
    }
    for field in [Template.Field.windowFrom, .windowTo] where !fields.contains(field) {
      reader.fault(
        "window",
        "expected {\(field.rawValue)} in path, query or body, got it nowhere: "
          + "without it every partition would read the whole stream")
    }
    if method == .get, body != nil {
      reader.fault("body", "expected no body with method GET; set method to POST")
    }
    if method == .post, pagination.replacesRequest {
      reader.fault("pagination", "expected method GET where the source gives the next address")
    }
    if path.fields.contains(.cursor), pagination.first == nil {
      reader.fault("path", "expected no {cursor} in path: the first page has none")
    }
    checkPosition(reader, usesCursor: fields.contains(.cursor))
    if pageSize == nil, fields.contains(.pageSize) {
      reader.fault("pagination", "expected size to be given, as {page_size} is used")
    }
  }

  /// A position must go into every request, and into one place of it.
  private func checkPosition(_ reader: ObjectReader, usesCursor: Bool) {
    let isSent = pagination != .none && !pagination.replacesRequest
    let places = (usesCursor ? 1 : 0) + (positionParameter == nil ? 0 : 1)
    if isSent, places != 1 {
      reader.fault(
        "pagination",
        "expected parameter, or {cursor} in query or body, but not both; "
          + "got \(places == 0 ? "neither" : "both")")
    }
    if !isSent, places > 0 {
      reader.fault("pagination", "expected neither parameter nor {cursor} with this type")
    }
  }
}

/// The part of a definition that says how pages follow each other.
private struct Paging {
  private enum Kind: String, CaseIterable {
    case none
    case nextURL = "next_url"
    case linkHeader = "link_header"
    case cursor
    case lastID = "last_id"
    case page, offset
  }

  var pagination: Pagination?
  var parameter: String?
  var size: Int?
  var sizeParameter: String?

  init(_ reader: ObjectReader) {
    switch reader.choice("type", of: Kind.self) {
    case .none: pagination = Pagination.none
    case .nextURL: pagination = .nextURL(JSONPath(reader.string("path")))
    case .linkHeader: pagination = .linkHeader
    case .cursor: pagination = .cursor(JSONPath(reader.string("path")))
    case .lastID: pagination = .lastID(JSONPath(reader.string("path")))
    case .page: pagination = .page(first: reader.optionalInt("first", in: 0...1) ?? 1)
    case .offset: pagination = .offset
    }
    parameter = reader.optionalString("parameter")
    size = reader.optionalInt("size", in: 1...1_000_000)
    sizeParameter = reader.optionalString("size_parameter")
    if sizeParameter != nil, size == nil {
      reader.fault("size", "expected size to be given beside size_parameter, got nothing")
    }
  }
}

extension WireBounds {
  /// How a definition says that bounds are written; nil, with the faults noted, where it has any.
  fileprivate static func read(_ reader: ObjectReader) -> WireBounds? {
    let from = reader.choice("from", of: Lower.self)
    let to = reader.choice("to", of: Upper.self)
    let format = reader.choice("format", of: Format.self)
    let named = reader.optionalChoice("grain", of: Grain.self)
    if named == nil, from == .gt || to == .lte, format != .date {
      reader.fault(
        "grain",
        "expected grain to be given with gt and lte, got nothing: it is the finest step "
          + "in which the source's filter tells times apart")
    }
    let grain = named ?? format.finestGrain
    if grain.microseconds < format.finestGrain.microseconds || (grain == .day) != (format == .date)
    {
      reader.fault("grain", "expected a grain that \(format.rawValue) can express, got \(grain)")
    }
    guard let zone = zone(reader) else { return nil }
    return WireBounds(from: from, to: to, grain: grain, format: format, zone: zone)
  }

  private static func zone(_ reader: ObjectReader) -> Zone? {
    guard let name = reader.optionalString("zone") else { return .utc }
    do throws(InputFault) {
      return try Zone(name)
    } catch {
      reader.fault("zone", "\(error)")
      return nil
    }
  }
}

extension ObjectReader {
  /// A template; nil, with the fault noted, where there is none.
  fileprivate func template(_ key: String) -> Template? {
    do throws(Template.Fault) {
      return try Template(string(key))
    } catch {
      fault(key, error.sentence)
      return nil
    }
  }
}

extension Template.Fault {
  /// One sentence for people.
  var sentence: String {
    switch self {
    case .unclosed: return "a { has no }; write {{ for a brace that is meant as text"
    case .unopened: return "a } has no {; write }} for a brace that is meant as text"
    case .unknownField(let name):
      let known = Template.Field.allCases.map(\.rawValue)
      let hint = nearestName(to: name, among: known).map { "did you mean {\($0)}?" }
      let all = known.map { "{\($0)}" }.joined(separator: ", ")
      return "unknown field {\(name)}; \(hint ?? "there are \(all)")"
    }
  }
}

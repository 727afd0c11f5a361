import JSON

extension PageRules {
  private enum Kind: String, CaseIterable {
    case none
    case nextURL = "next_url"
    case linkHeader = "link_header"
    case cursor
    case lastID = "last_id"
    case page, offset
    case graphQL = "graphql"
  }

  /// One page.
  init() { pagination = .none }

  /// How a definition says that pages follow each other.
  init(_ reader: ObjectReader, stream: ObjectReader) {
    hasMore = stream.optionalPath("has_more")
    let kind = reader.choice("type", of: Kind.self)
    switch kind {
    case .none: pagination = .none
    case .nextURL: pagination = .nextURL(JSONPath(reader.string("path")))
    case .linkHeader: pagination = .linkHeader
    case .cursor:
      pagination = .cursor(
        JSONPath(reader.string("path")), first: reader.optionalString("first"))
    case .lastID: pagination = .lastID(JSONPath(reader.string("path")))
    case .page: pagination = .page(first: reader.optionalInt("first", in: 0...1) ?? 1)
    case .offset: pagination = .offset(first: reader.optionalInt("first", in: 0...1) ?? 0)
    case .graphQL:
      let info = JSONPath(reader.string("path"))
      pagination = .cursor(JSONPath(keys: info.keys + ["endCursor"]), first: nil)
      hasMore = hasMore ?? JSONPath(keys: info.keys + ["hasNextPage"])
    }
    positionParameter = reader.optionalString("parameter")
    replacesQuery = reader.optionalBool("replaces_query") ?? false
    size = reader.optionalInt("size", in: 1...1_000_000)
    sizeParameter = reader.optionalString("size_parameter")
    smallestSize = reader.optionalInt("smallest_size", in: 1...1_000_000) ?? 1
    shortPageEnds = reader.optionalBool("short_page_ends") ?? false
    totalPages = reader.optionalPath("total_pages")
    total = stream.optionalPath("total")
    check(reader)
  }

  private func check(_ reader: ObjectReader) {
    if size == nil {
      for (key, isGiven) in [
        ("size_parameter", sizeParameter != nil), ("short_page_ends", shortPageEnds),
      ] where isGiven {
        reader.fault("size", "expected size to be given beside \(key), got nothing")
      }
    }
    if replacesQuery, pagination.replacesRequest || positionParameter == nil {
      reader.fault(
        "replaces_query", "expected parameter with replaces_query, which it then leaves alone")
    }
    if totalPages != nil, !pagination.isNumbered {
      reader.fault("total_pages", "expected type page where pages are counted")
    }
  }
}

extension Pagination {
  /// Whether pages are numbered.
  var isNumbered: Bool { if case .page = self { true } else { false } }
}

import JSON

/// What is read of an answer around its records, and at which place among the scanned values.
struct EnvelopeLayout: Sendable {
  /// The paths to be scanned.
  private(set) var paths: [JSONPath] = []
  /// The URL or cursor of the next page.
  private(set) var token: Int?
  /// The flag that says whether there is more.
  private(set) var hasMore: Int?
  /// How many records there are.
  private(set) var total: Int?
  /// How many pages there are.
  private(set) var totalPages: Int?
  /// The heads of what rules look at.
  private(set) var heads: [JSONPath: Int] = [:]

  /// The layout for pages that follow each other so, and that rules look at.
  init(_ paging: PageRules, rules: [ErrorRule]) {
    switch paging.pagination {
    case .nextURL(let path), .cursor(let path, _): token = place(of: path)
    case .none, .linkHeader, .lastID, .page, .offset: break
    }
    hasMore = paging.hasMore.map { place(of: $0) }
    total = paging.total.map { place(of: $0) }
    totalPages = paging.totalPages.map { place(of: $0) }
    for rule in rules {
      guard let head = rule.path?.head, !head.keys.isEmpty else { continue }
      heads[head] = place(of: head)
    }
  }

  private mutating func place(of path: JSONPath) -> Int {
    paths.append(path)
    return paths.count - 1
  }
}

extension JSONSlice {
  /// The value as data; nil where there is none, or where it cannot be read.
  func value(in page: UnsafeRawBufferPointer) -> JSONValue? {
    switch kind {
    case .missing: return nil
    case .null: return .null
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .number: return text(in: page).map(JSONValue.number)
    case .string, .escapedString: return text(in: page).map(JSONValue.string)
    case .array, .object:
      do throws(JSONError) {
        return try JSONValue.parse(bytes(in: page))
      } catch {
        return nil
      }
    }
  }
}

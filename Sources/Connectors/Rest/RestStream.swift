import Domain
import JSON

/// How the pages of one stream of an API are asked for, and where their records lie.
struct RestStream: Hashable, Sendable {
  /// The methods that read.
  enum Method: String, CaseIterable, Sendable {
    case get = "GET"
    case post = "POST"
  }

  /// How a body is written.
  enum BodyType: String, CaseIterable, Sendable {
    case json, form
  }

  /// An item of the query, or a header.
  struct Item: Hashable, Sendable {
    var name: String
    var value: Template
  }

  /// The method.
  var method: Method
  /// What is appended to the base address.
  var path: Template
  /// The query; an item whose template has no value is left out.
  var query: [Item]
  /// Headers besides those of the source; one whose template has no value is left out.
  var headers: [Item]
  /// The body of a POST.
  var body: BodyTemplate?
  /// How the body is written.
  var bodyType: BodyType
  /// How the records of an answer are written.
  var format: AnswerFormat
  /// Where the records lie in an answer.
  var records: JSONPath
  /// How the source is asked for the records of a window.
  var window: WindowRule
  /// How pages follow each other.
  var paging: PageRules
  /// How many records the source gives of one window; nil where all.
  var cap: ResultCap?
  /// What answers mean, before the rules of the source.
  var errors: [ErrorRule]
  /// The records that this stream is asked for one by one; nil where it is asked for as it is.
  var parent: ParentStream?
  /// How the source is made to write an export; nil where it is asked for pages.
  var export: ExportRule?

  /// Where windows may be cut: those of the parents, where those are what is filtered.
  var splitRule: SplitRule {
    parent?.request.splitRule ?? window.splitRule(least: cap?.smallest)
  }

  /// Every field that a request is filled in with.
  var fields: Set<Template.Field> {
    (query + headers).reduce(into: path.fields.union(body?.fields ?? [])) {
      $0.formUnion($1.value.fields)
    }
  }
}

extension RestStream {
  /// The paths, in a parent's record, of what requests are filled in with; sorted, each once.
  var parentFields: [String] {
    fields.compactMap { if case .parent(let path) = $0 { path } else { nil } }.sorted()
  }
}

/// How the parents of a stream are asked for.
indirect enum ParentStream: Hashable, Sendable {
  case request(RestStream)

  init(_ request: RestStream) { self = .request(request) }

  /// The request that lists them.
  var request: RestStream {
    switch self {
    case .request(let stream): stream
    }
  }
}

/// How the pages of a stream follow each other, and what their answers say of it.
struct PageRules: Hashable, Sendable {
  /// How the next page is found.
  var pagination: Pagination
  /// The item of the query that says where a page begins; nil where a template does.
  var positionParameter: String?
  /// Whether a position stands for the whole query, beside which nothing else may be asked.
  var replacesQuery = false
  /// How many records a page should hold; nil where the source decides.
  var size: Int?
  /// The item of the query that says how many records a page should hold.
  var sizeParameter: String?
  /// How many records a page must be able to hold.
  var smallestSize = 1
  /// Whether a page shorter than asked for is the last.
  var shortPageEnds = false
  /// Where an answer says whether there is more; nil where it does not.
  var hasMore: JSONPath?
  /// Where an answer says how many records the query has; nil where it does not.
  var total: JSONPath?
  /// Where an answer says how many pages the query has; nil where it does not.
  var totalPages: JSONPath?
}

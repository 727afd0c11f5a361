import Domain
import JSON
import Outbound

/// How an API is asked, for all its streams.
struct RestManifest: Hashable, Sendable {
  /// What all paths are appended to.
  var base: URLReference
  /// Headers of every request; none of them is secret.
  var headers: [Header]
  /// How the source is shown who asks.
  var authentication: Authentication
  /// The bounds on every request and every partition.
  var limits: RestLimits

  /// A header.
  struct Header: Hashable, Sendable {
    var name: String
    var value: String
  }
}

/// The bounds on every request of a source, and on every partition.
struct RestLimits: Hashable, Sendable {
  /// Seconds until a connection must stand.
  var connectSeconds = 10
  /// Seconds until the first byte of an answer must have come.
  var firstByteSeconds = 30
  /// Seconds that may pass between two pieces of an answer.
  var idleSeconds = 15
  /// Seconds until an answer must be whole.
  var wholeSeconds = 120
  /// Bytes of a page, unpacked.
  var pageBytes = 64 << 20
  /// Pages of a partition: a source that gives more is taken to have no end.
  var pages = 100_000

  /// The bounds as the client takes them.
  var outbound: OutboundLimits {
    var limits = OutboundLimits()
    limits.connect = .seconds(connectSeconds)
    limits.head = .seconds(firstByteSeconds)
    limits.idle = .seconds(idleSeconds)
    limits.whole = .seconds(wholeSeconds)
    limits.wireBytes = pageBytes
    limits.unpackedBytes = pageBytes
    return limits
  }
}

/// How the pages of one stream of an API are asked for, and where their records lie.
struct RestStream: Hashable, Sendable {
  /// The methods that read.
  enum Method: String, CaseIterable, Sendable {
    case get = "GET"
    case post = "POST"
  }

  /// An item of the query.
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
  /// The body of a POST.
  var body: BodyTemplate?
  /// Where the array of records lies in an answer.
  var records: JSONPath
  /// How the source's filter wants the bounds of a window.
  var bounds: WireBounds
  /// How the next page is found.
  var pagination: Pagination
  /// The item of the query that says where a page begins; nil where a template does.
  var positionParameter: String?
  /// Where an answer says whether there is more; nil where it does not.
  var hasMore: JSONPath?
  /// How many records a page should hold; nil where the source decides.
  var pageSize: Int?
  /// The item of the query that says how many records a page should hold.
  var pageSizeParameter: String?
}

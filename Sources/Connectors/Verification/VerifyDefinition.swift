import Domain
import JSON
import Outbound

/// How the source of one stream is asked to verify.
struct VerifyDefinition: Sendable {
  /// One kind of request, with places for what changes.
  struct Ask: Sendable {
    var isPost: Bool
    var path: String
    var query: [(name: String, value: String)]
    /// Whether the position, where there is one, is asked for without the query.
    var replacesQuery = false
    var headers: [(name: String, value: String)] = []
    /// The text of a GraphQL query, in which braces are only braces.
    var graphQL: String?
    var body: JSONValue?
    var isForm = false
    /// How bounds are written; nil where the reader writes them in a way that is not known here.
    var bounds: VerifyBounds?

    /// The body of a request.
    func body(_ text: FilledText) -> [UInt8]? {
      if let graphQL {
        let variables = body.flatMap { text.body($0) } ?? [:]
        return Array(
          JSONValue.object(["query": .string(graphQL), "variables": variables]).encoded().utf8)
      }
      guard let filled = body.flatMap({ text.body($0) }) else { return nil }
      guard isForm else { return Array(filled.encoded().utf8) }
      let items = (filled.object?.members ?? []).map { name, value in
        "\(percentEncoded(name))=\(percentEncoded(value.string ?? value.encoded()))"
      }
      return Array(items.joined(separator: "&").utf8)
    }
  }

  /// A number that a request is answered with.
  struct Count: Sendable {
    var ask: Ask
    var value: JSONPath
    /// From this number on the source does not count any further; nil where it always does.
    var cap: Int64?
  }

  /// A sum that a request is answered with.
  struct Sum: Sendable {
    var measure: String
    /// Nil where it stands in the answer to the count.
    var ask: Ask?
    var value: JSONPath
    var currency: String
    var scale: Int
  }

  /// How the list goes on.
  enum Paging: Sendable {
    case none
    case nextURL(JSONPath)
    case linkHeader
    case cursor(JSONPath, first: String?)
    case lastID(JSONPath)
    case page(first: Int)
    case offset(first: Int)
  }

  /// A list of records.
  struct List: Sendable {
    var ask: Ask
    var records: JSONPath
    var paging: Paging
    var positionParameter: String?
    var hasMore: JSONPath?
    var pageSize: Int?
    var pageSizeParameter: String?
    /// How far around the window is asked for, in microseconds.
    var margin: Int64
  }

  var count: Count?
  var sums: [Sum]
  /// Nil where the reader's own request is of a kind that cannot be made again otherwise.
  var list: List?
}

extension VerifyDefinition {
  private enum Method: String, CaseIterable {
    case get = "GET"
    case post = "POST"
  }

  private enum Lower: String, CaseIterable { case gte, gt }
  private enum Upper: String, CaseIterable { case lt, lte }

  private enum PagingKind: String, CaseIterable {
    case none
    case nextURL = "next_url"
    case linkHeader = "link_header"
    case cursor
    case lastID = "last_id"
    case page, offset
    case graphQL = "graphql"
  }

  /// Reads the keys below `verify` of a stream, which go on from those of the stream itself: what is
  /// not said again is as the reader has it.
  static func read(_ reader: ObjectReader, stream: StreamDefinition) -> VerifyDefinition {
    _ = reader.optionalInt("partitions_together", in: 0...1_000_000)
    let settings = stream.settings
    let count = reader.optionalObject("count").map { count in
      Count(
        ask: ask(count, settings, inheriting: false), value: JSONPath(count.string("value")),
        cap: count.optionalInt("cap", in: 1...Int.max).map(Int64.init))
    }
    let sums = reader.optionalNamedObjects("sum").map { name, sum in
      if !stream.measures.contains(where: { $0.name == name }) {
        sum.faults.add(path: sum.path, "\(name) is no measure of the stream")
      }
      return Sum(
        measure: name,
        ask: sum.keys.contains("path") ? ask(sum, settings, inheriting: false) : nil,
        value: JSONPath(sum.string("value")), currency: sum.string("currency"),
        scale: sum.optionalInt("scale", in: 0...18) ?? 0)
    }
    if sums.contains(where: { $0.ask == nil }), count == nil {
      reader.fault("sum", "expected path to be given, as there is no count whose answer has it")
    }
    return VerifyDefinition(
      count: count, sums: sums,
      list: list(reader.optionalObject("list"), stream: stream, faults: reader.faults))
  }

  private static func list(
    _ given: ObjectReader?, stream: StreamDefinition, faults: FaultCollector
  ) -> List? {
    let settings = stream.settings
    // What the reader was told is read leniently: its own faults are told by its own reading.
    let inherited = ObjectReader(settings, faults: FaultCollector())
    let reader = given ?? ObjectReader([:], faults: FaultCollector())
    var ask = ask(reader, settings, inheriting: true)
    // What is read for each record of another stream, or one day at a time, is not listed otherwise.
    let mode = settings["window"]?["mode"]?.string
    let isPlain = settings["parent"] == nil && mode != "one_date"
    guard !ask.path.isEmpty, ask.bounds != nil, isPlain || reader.keys.contains("path") else {
      return nil
    }
    let own = reader.optionalObject("pagination")
    let paging = own ?? inherited.optionalObject("pagination")
    let margin = reader.optionalInt("margin_seconds", in: 0...31_536_000) ?? 86_400
    guard let paging, let kind = self.paging(paging, isOwn: own != nil) else { return nil }
    ask.replacesQuery = paging.optionalBool("replaces_query") ?? false
    let records = reader.optionalString("records") ?? settings["records"]?.string ?? ""
    var hasMore = reader.optionalString("has_more") ?? settings["has_more"]?.string
    if hasMore == nil, paging.optionalString("type") == "graphql" {
      hasMore = paging.optionalString("path").map { "\($0).hasNextPage" }
    }
    return List(
      ask: ask, records: JSONPath(records), paging: kind,
      positionParameter: paging.optionalString("parameter"), hasMore: hasMore.map { JSONPath($0) },
      pageSize: paging.optionalInt("size", in: 1...1_000_000),
      pageSizeParameter: paging.optionalString("size_parameter"),
      margin: Int64(margin) * 1_000_000)
  }

  private static func paging(_ reader: ObjectReader, isOwn: Bool) -> Paging? {
    let name = isOwn ? reader.choice("type", of: PagingKind.self) : known(reader)
    switch name {
    case nil: return nil
    case .some(.none): return Paging.none
    case .nextURL: return .nextURL(JSONPath(reader.string("path")))
    case .linkHeader: return .linkHeader
    case .cursor:
      return .cursor(JSONPath(reader.string("path")), first: reader.optionalString("first"))
    case .graphQL:
      let info = JSONPath(reader.string("path"))
      return .cursor(JSONPath(keys: info.keys + ["endCursor"]), first: nil)
    case .lastID: return .lastID(JSONPath(reader.string("path")))
    case .page: return .page(first: reader.optionalInt("first", in: 0...1) ?? 1)
    case .offset: return .offset(first: reader.optionalInt("first", in: 0...1) ?? 0)
    }
  }

  private static func known(_ reader: ObjectReader) -> PagingKind? {
    reader.optionalString("type").flatMap { PagingKind(rawValue: $0) }
  }

  private static func ask(
    _ reader: ObjectReader, _ settings: JSONValue, inheriting: Bool
  ) -> Ask {
    let method = reader.optionalChoice("method", of: Method.self)
    let path = inheriting ? reader.optionalString("path") : reader.string("path")
    let isOwn = path != nil
    let query = reader.optionalObject("query")
    let items = query?.keys.map { (name: $0, value: query?.string($0) ?? "") }
    let body = reader.optionalValue("body")
    let window = reader.optionalObject("window")
    let inherited = isOwn ? JSONValue.object(JSONObject()) : settings
    let graph = inherited["graphql"]
    let isPost = method.map { $0 == .post } ?? (inherited["method"]?.string == "POST")
    return Ask(
      isPost: isPost || graph != nil, path: path ?? settings["path"]?.string ?? "",
      query: items ?? Self.items(inherited["query"]), headers: Self.items(inherited["headers"]),
      graphQL: graph?["query"]?.string, body: body ?? graph?["variables"] ?? inherited["body"],
      isForm: inherited["body_type"]?.string == "form",
      bounds: bounds(window, settings["window"]))
  }

  private static func items(_ value: JSONValue?) -> [(name: String, value: String)] {
    (value?.object?.members ?? []).map { ($0.key, $0.value.string ?? $0.value.encoded()) }
  }

  private static func bounds(_ own: ObjectReader?, _ inherited: JSONValue?) -> VerifyBounds? {
    func name<Choice: RawRepresentable<String> & CaseIterable>(
      _ key: String, _ type: Choice.Type
    ) -> Choice? {
      own?.optionalChoice(key, of: type) ?? inherited?[key]?.string.flatMap { Choice(rawValue: $0) }
    }
    let named = name("format", VerifyBounds.Format.self)
    // A pattern of the reader's own is not known here.
    if named == nil, inherited?["format"]?.string != nil { return nil }
    let format = named ?? .rfc3339
    let finest: VerifyBounds.Grain =
      switch format {
      case .epochSeconds: .second
      case .epochMilliseconds: .millisecond
      case .rfc3339: .microsecond
      case .date: .day
      }
    let zone = own?.optionalString("zone") ?? inherited?["zone"]?.string ?? Zone.utc.name
    return VerifyBounds(
      includesFrom: name("from", Lower.self) != .gt, includesTo: name("to", Upper.self) == .lte,
      format: format, grain: name("grain", VerifyBounds.Grain.self) ?? finest,
      zone: Self.zone(zone, own))
  }

  private static func zone(_ name: String, _ reader: ObjectReader?) -> Zone {
    do throws(InputFault) {
      return try Zone(name)
    } catch {
      reader?.fault("zone", "\(error)")
      return .utc
    }
  }
}

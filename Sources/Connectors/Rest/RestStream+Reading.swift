import Domain
import JSON
import Outbound

extension RestStream {
  /// How a stream's definition says that its pages are asked for; nil, with the faults noted, where
  /// it has any.
  static func read(_ reader: ObjectReader) -> RestStream? {
    let window = WindowRule.read(reader.object("window")) ?? .standIn
    if let export = reader.optionalObject("export") { return exported(reader, export, window) }
    var stream = read(reader, window)
    if let parent = reader.optionalObject("parent") {
      stream.parent = ParentStream(read(parent, window))
      stream.parent?.request.checkAll(parent)
    }
    if stream.path != .nothing { stream.checkAll(reader) }
    return stream
  }

  /// A stream whose records come as files that the source is made to write.
  private static func exported(
    _ reader: ObjectReader, _ export: ObjectReader, _ window: WindowRule
  ) -> RestStream {
    let rule = ExportRule(export) { step in read(step, window, paging: PageRules()) }
    var stream = rule.create
    stream.format = AnswerFormat(reader)
    stream.records = JSONPath(reader.optionalString("records") ?? "")
    stream.errors = ErrorRule.readAll(reader)
    stream.checkWindow(export, rule.create.fields)
    stream.checkFormat(reader)
    stream.checkActions(reader)
    if window.mode == .oneDate {
      reader.fault("window.mode", "expected another mode than one_date with an export")
    }
    stream.export = rule
    return stream
  }

  private static func read(
    _ reader: ObjectReader, _ window: WindowRule, paging: PageRules? = nil
  ) -> RestStream {
    let graph = reader.optionalObject("graphql").map { GraphQLRequest($0) }
    let method =
      reader.optionalChoice("method", of: Method.self) ?? (graph == nil ? .get : .post)
    let path = reader.template("path")
    let body = reader.optionalValue("body").map { value in
      BodyTemplate(value) { path, fault in reader.fault("body\(path)", fault.sentence) }
    }
    let stream = RestStream(
      method: method, path: path ?? .nothing, query: reader.items("query"),
      headers: reader.items("headers"), body: graph?.body ?? body,
      bodyType: reader.optionalChoice("body_type") ?? .json,
      format: paging == nil ? AnswerFormat(reader) : .json,
      records: JSONPath(paging == nil ? reader.optionalString("records") ?? "" : ""),
      window: window,
      paging: paging ?? PageRules(reader.object("pagination"), stream: reader),
      cap: paging == nil ? reader.optionalObject("cap").map { ResultCap($0) } : nil,
      errors: paging == nil ? ErrorRule.readAll(reader) : [], parent: nil, export: nil)
    if graph != nil, body != nil {
      reader.fault("body", "expected graphql or body, but not both")
    }
    return stream
  }
}

// What only shows when all parts are seen together.
extension RestStream {
  private func checkAll(_ reader: ObjectReader) {
    let fields = fields
    if parent == nil {
      checkWindow(reader, fields)
    } else {
      checkChild(reader, fields)
    }
    checkRequest(reader, fields)
    checkPosition(reader, usesCursor: fields.contains(.cursor))
    checkActions(reader)
    checkFormat(reader)
    if paging.size == nil, fields.contains(.pageSize) {
      reader.fault("pagination", "expected size to be given, as {page_size} is used")
    }
    if let cap, cap.id != nil, !fields.contains(.lastID) {
      reader.fault("cap.id", "expected {last_id} in query or body, to ask for records behind it")
    }
    if cap?.id == nil, fields.contains(.lastID) {
      reader.fault("cap", "expected id to be given, as {last_id} is used")
    }
    if cap?.onHit == .seekByID, cap?.id == nil {
      reader.fault("cap.id", "expected id to be given with seek_by_id, got nothing")
    }
  }

  private func checkWindow(_ reader: ObjectReader, _ fields: Set<Template.Field>) {
    for field in window.mode.needed where !fields.contains(field) {
      reader.fault(
        "window",
        "expected {\(field.name)} in path, query, headers or body, got it nowhere: "
          + "without it every partition would read the whole stream")
    }
    let allowed = window.mode.needed + window.mode.allowed
    let bounds: [Template.Field] = [.windowFrom, .windowTo, .windowDate]
    for field in bounds where fields.contains(field) && !allowed.contains(field) {
      reader.fault(
        "window.mode", "expected no {\(field.name)} with mode \(window.mode.rawValue)")
    }
  }

  private func checkRequest(_ reader: ObjectReader, _ fields: Set<Template.Field>) {
    if method == .get, body != nil {
      reader.fault("body", "expected no body with method GET; set method to POST")
    }
    if method == .post, paging.pagination.replacesRequest {
      reader.fault("pagination", "expected method GET where the source gives the next address")
    }
    if path.fields.contains(.cursor), paging.pagination.first == nil {
      reader.fault("path", "expected no {cursor} in path: the first page has none")
    }
    if fields.contains(.job) {
      reader.fault("export", "expected export to be given, as {job} is used")
    }
    for field in fields {
      guard case .parent = field, parent == nil else { continue }
      reader.fault("parent", "expected parent to be given, as {\(field.name)} is used")
    }
  }

  /// The window is the parent's to filter.
  private func checkChild(_ reader: ObjectReader, _ fields: Set<Template.Field>) {
    for field in [Template.Field.windowFrom, .windowTo, .windowDate] where fields.contains(field) {
      reader.fault(
        "parent", "expected no {\(field.name)} beside a parent, which is what the window filters")
    }
    if parentFields.isEmpty {
      reader.fault("parent", "expected {parent.id} or another of its fields in path, query or body")
    }
    if cap != nil { reader.fault("cap", "expected no cap beside a parent; give the parent one") }
    if window.mode == .oneDate {
      reader.fault("window.mode", "expected another mode than one_date beside a parent")
    }
  }

  /// A position must go into every request, and into one place of it.
  private func checkPosition(_ reader: ObjectReader, usesCursor: Bool) {
    let isSent = paging.pagination != .none && !paging.pagination.replacesRequest
    let places = (usesCursor ? 1 : 0) + (paging.positionParameter == nil ? 0 : 1)
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

  /// Around lines and rows there is nothing that could be looked at.
  private func checkFormat(_ reader: ObjectReader) {
    guard format.kind != .json else { return }
    if !records.keys.isEmpty {
      reader.fault("records", "expected no records with format \(format.kind.rawValue)")
    }
    let layout = EnvelopeLayout(paging, rules: [])
    if !layout.paths.isEmpty {
      reader.fault(
        "pagination",
        "expected nothing that is read from around the records, as \(layout.paths[0]), with format "
          + format.kind.rawValue)
    }
  }

  /// What answers are to lead to must be possible.
  private func checkActions(_ reader: ObjectReader) {
    for (place, rule) in errors.enumerated() {
      switch rule.action {
      case .shrinkPage where paging.size == nil || paging.pagination.isNumbered:
        reader.fault(
          "errors[\(place)].do", "expected pagination with a size, and not by page numbers")
      case .skip where parent == nil:
        reader.fault("errors[\(place)].do", "expected a parent with skip")
      default: break
      }
    }
  }
}

extension WindowRule.Mode {
  /// What a request must be filled in with.
  fileprivate var needed: [Template.Field] {
    switch self {
    case .server: [.windowFrom, .windowTo]
    case .fromOnly: [.windowFrom]
    case .oneDate: [.windowDate]
    case .clientFilter, .descendingFeed: []
    }
  }

  /// What a request may be filled in with besides.
  fileprivate var allowed: [Template.Field] { self == .descendingFeed ? [.windowTo] : [] }
}

extension WindowRule {
  /// Stands in for a rule about which faults were noted.
  fileprivate static let standIn = WindowRule(
    mode: .clientFilter,
    bounds: WireBounds(from: .gte, to: .lt, grain: .second, format: .epochSeconds, zone: .utc),
    order: .none, horizon: .none)
}

extension ResultCap {
  fileprivate init(_ reader: ObjectReader) {
    self.init(
      records: reader.int("records", in: 1...1_000_000_000), onHit: reader.choice("on_hit"),
      id: reader.optionalPath("id"),
      smallest: reader.optionalDuration("smallest"))
  }
}

extension AnswerFormat {
  fileprivate init(_ reader: ObjectReader) {
    let kind = reader.optionalChoice("format", of: Kind.self) ?? .json
    let delimiter = reader.optionalString("delimiter")
    self.init(
      kind: kind, delimiter: delimiter?.utf8.first ?? UInt8(ascii: ","),
      packing: reader.optionalChoice("packing", of: Packing.self))
    if let delimiter, kind != .csv || delimiter.utf8.count != 1 || "\"\r\n".contains(delimiter) {
      reader.fault("delimiter", "expected one character, and format csv")
    }
  }
}

/// A request of GraphQL: its text, in which braces mean themselves, and its variables.
private struct GraphQLRequest {
  let body: BodyTemplate

  init(_ reader: ObjectReader) {
    var members = [
      BodyTemplate.Member(key: "query", value: .plain(.string(reader.string("query"))))
    ]
    if let variables = reader.optionalValue("variables") {
      let template = BodyTemplate(variables) { path, fault in
        reader.fault("variables\(path)", fault.sentence)
      }
      members.append(BodyTemplate.Member(key: "variables", value: template))
    }
    body = .object(members)
  }
}

public import JSON

extension StreamDefinition {
  /// The keys that every connector shares; all others are settings of the connector.
  static let sharedKeys = [
    "key", "event_time", "version", "policy", "exclude", "measures", "time_zone", "step", "tags",
    "reject_limit", "retry", "verify",
  ]

  /// A stream as it stands in the applied file.
  init(applied reader: ObjectReader, name: String) {
    self.init(shared: reader, name: name)
    settings = reader.remainder(after: Self.sharedKeys)
  }

  /// The stream that `json` wrote; throws all faults at once.
  public init(json: JSONValue) throws(Faults) {
    self = try ObjectReader.read(json) { StreamDefinition(stored: $0) }
  }

  init(stored reader: ObjectReader) {
    self.init(shared: reader, name: reader.string("name"))
    settings = reader.value("settings")
  }

  private init(shared reader: ObjectReader, name: String) {
    let timeZone = reader.optionalZoneName("time_zone") ?? "UTC"
    let eventTime = TimeField(reader.timeField("event_time", defaultZone: timeZone))
    let version = reader.optionalVersion("version", defaultZone: timeZone)
    self.init(
      name: name,
      key: reader.keyTemplate(
        "key", changing: [eventTime.path] + (version.map { [$0.path] } ?? [])),
      eventTime: eventTime, version: version,
      policy: reader.optionalChoice("policy") ?? (version == nil ? .keepFirst : .newVersion),
      exclude: reader.fieldPaths("exclude"),
      measures: reader.optionalNamedObjects("measures").map { MeasureDefinition($1, name: $0) },
      timeZone: timeZone,
      step: reader.optionalParsed("step", Step.init) ?? .days(1),
      tags: reader.names("tags"),
      rejectLimit: reader.optionalNumber("reject_limit", in: 0...1) ?? 0.05,
      retry: reader.optionalObject("retry").map(RetryRule.init) ?? .standard,
      verify: reader.optionalValue("verify") ?? [:])
  }
}

extension VersionField {
  /// Where the field lies.
  public var path: JSONPath {
    switch self {
    case .time(let field): field.path
    case .number(let path): path
    }
  }
}

extension ObjectReader {
  /// A list of plain names, each once, if there is one; empty otherwise.
  func names(_ key: String) -> [String] {
    let names = texts(key)
    for (index, name) in names {
      let place = "\(key)[\(index)]"
      if !DefinitionName.isSound(name) { fault(place, DefinitionName.fault(name)) }
      if names.contains(where: { $0.place < index && $0.text == name }) {
        fault(place, "\(Wording.quoted(name)) stands there twice")
      }
    }
    return names.map(\.text)
  }

  fileprivate func keyTemplate(_ key: String, changing: [JSONPath]) -> KeyTemplate {
    let text = string(key)
    let template =
      text.isEmpty
      ? nil
      : parsed(text, key) { (text) throws(InputFault) in
        try KeyTemplate(text, changing: changing)
      }
    return template ?? KeyTemplate(texts: ["", ""], fields: [JSONPath("id")])
  }
}

public import JSON
import Spelling

extension SourceDefinition {
  static let sharedKeys = ["connector", "concurrency", "budget", "streams"]

  /// A source as it stands in the applied file.
  init(applied reader: ObjectReader, name: String, connectors: [String]) {
    self.init(
      name: name, connector: reader.string("connector"),
      concurrency: reader.optionalInt("concurrency", in: 1...10_000),
      budget: RequestLimit.read(reader), settings: reader.remainder(after: Self.sharedKeys),
      streams: reader.namedObjects("streams").map { stream, reader in
        DefinitionName.check(stream, reader: reader)
        return StreamDefinition(applied: reader, name: "\(name).\(stream)")
      })
    check(reader, connectors: connectors)
  }

  private func check(_ reader: ObjectReader, connectors: [String]) {
    if !connector.isEmpty, !connectors.contains(connector) {
      let hint =
        nearestName(to: connector, among: connectors).map { "did you mean \($0)?" }
        ?? "it is one of \(Wording.list(connectors))"
      reader.fault("connector", "there is no connector \(Wording.quoted(connector)); \(hint)")
    }
    if reader.optionalValue("streams")?.object?.isEmpty == true {
      reader.fault("streams", "a source has at least one stream")
    }
  }

  /// The source that `json` wrote; throws all faults at once.
  public init(json: JSONValue) throws(Faults) {
    self = try ObjectReader.read(json) { reader in
      SourceDefinition(
        name: reader.string("name"), connector: reader.string("connector"),
        concurrency: reader.optionalInt("concurrency", in: 1...10_000),
        budget: RequestLimit.read(reader), settings: reader.value("settings"),
        streams: reader.objects("streams").map { StreamDefinition(stored: $0) })
    }
  }
}

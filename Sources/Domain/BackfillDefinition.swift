public import JSON

/// What a backfill runs with, however source, stream or manifest are changed after its submit.
public struct BackfillDefinition: Hashable, Sendable {
  /// The source, with no stream but the one that is read.
  public var source: SourceDefinition
  /// The stream that is read.
  public var stream: StreamDefinition
  /// The manifest of the source's connector, where the applied file brought it.
  public var manifest: JSONValue?

  /// A definition from its parts.
  public init(source: SourceDefinition, stream: StreamDefinition, manifest: JSONValue?) {
    self.source = source
    self.source.streams = [stream]
    self.stream = stream
    self.manifest = manifest
  }

  /// The definition as it is stored; `init(json:)` reads it.
  public var json: JSONValue {
    ["source": source.json, "manifest": manifest ?? .null]
  }

  /// The definition that was stored.
  public init(json: JSONValue) throws(Faults) {
    guard let object = json.object, let stored = object["source"] else {
      throw Faults([Fault(path: "source", message: "is missing in the stored definition")])
    }
    let source = try SourceDefinition(json: stored)
    guard let stream = source.streams.first else {
      throw Faults([Fault(path: "source.streams", message: "is empty in the stored definition")])
    }
    let manifest = object["manifest"].flatMap { $0 == .null ? nil : $0 }
    self.init(source: source, stream: stream, manifest: manifest)
  }
}

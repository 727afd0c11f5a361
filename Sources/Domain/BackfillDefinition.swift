public import JSON

/// What a backfill runs with, however its source or stream are changed after its submit.
public struct BackfillDefinition: Hashable, Sendable {
  /// The source, with no stream but the one that is read.
  public var source: SourceDefinition
  /// The stream that is read.
  public var stream: StreamDefinition

  /// A definition from its parts.
  public init(source: SourceDefinition, stream: StreamDefinition) {
    self.source = source
    self.source.streams = [stream]
    self.stream = stream
  }

  /// The definition as it is stored; `init(json:)` reads it.
  public var json: JSONValue { source.json }

  /// The definition that was stored.
  public init(json: JSONValue) throws(Faults) {
    let source = try SourceDefinition(json: json)
    guard let stream = source.streams.first else {
      throw Faults([Fault(path: "streams", message: "is empty in the stored definition")])
    }
    self.init(source: source, stream: stream)
  }
}

public import JSON

/// One account at one system, with its connector and streams, as the applied file describes it.
public struct SourceDefinition: Hashable, Sendable {
  /// The name, the part of a stream's name before the dot.
  public var name: String
  /// The kind of connector: `rest`, `files` or `sample`.
  public var connector: String
  /// How many partitions may run at once over all workers; nil for no cap.
  public var concurrency: Int?
  /// The limits on how often it may be asked, all of which hold at once; empty for none.
  public var budget: [RequestLimit]
  /// What the connector alone understands of the source, manifest included.
  public var settings: JSONValue
  /// The streams.
  public var streams: [StreamDefinition]

  /// A source.
  public init(
    name: String, connector: String, concurrency: Int? = nil, budget: [RequestLimit] = [],
    settings: JSONValue = [:], streams: [StreamDefinition]
  ) {
    self.name = name
    self.connector = connector
    self.concurrency = concurrency
    self.budget = budget
    self.settings = settings
    self.streams = streams
  }
}

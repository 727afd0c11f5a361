public import JSON

/// What the applied document says: sources with their streams, manifests and subscriptions.
public struct Configuration: Hashable, Sendable {
  /// The sources, in the order of the document.
  public var sources: [SourceDefinition] = []
  /// REST manifests by name, as they came; what reads them checks them.
  public var manifests: [String: JSONValue] = [:]
  /// Who is told of what, in the order of the document.
  public var subscriptions: [SubscriptionDefinition] = []
  /// The names of the subscriptions that the document retires, by `null` in their place.
  public var retiredSubscriptions: [String] = []
  /// What is probably not meant, though it can be used as it is.
  public var warnings: [Fault] = []

  /// The configuration of a document; throws all its faults at once, each with its path.
  ///
  /// `connectors` are the kinds of connector that the program knows besides the manifests.
  public init(_ document: JSONValue, connectors: [String]) throws(Faults) {
    let (configuration, faults) = Self.read(document, connectors: connectors)
    guard faults.isEmpty else { throw Faults(faults) }
    self = configuration
  }

  /// The configuration of a document as far as it can be read, and all its faults.
  ///
  /// With faults it may only be searched for more of them.
  public static func read(
    _ document: JSONValue, connectors: [String]
  ) -> (Configuration, [Fault]) {
    let faults = FaultCollector()
    let reader = ObjectReader(document, faults: faults)
    var configuration = Configuration(reader, connectors: connectors)
    reader.finish()
    if faults.faults.isEmpty {
      configuration.warnings = NearMisses.find(in: document) + ScopeWarnings.find(in: configuration)
    }
    return (configuration, faults.faults)
  }

  private init(_ reader: ObjectReader, connectors: [String]) {
    for (name, manifest) in reader.optionalNamedObjects("connectors") {
      DefinitionName.check(name, reader: manifest)
      if connectors.contains(name) {
        manifest.faults.add(
          path: manifest.path, "\(name) is a connector of the program; choose another name")
      }
      manifests[name] = manifest.remainder(after: [])
    }
    let known = connectors + manifests.keys.sorted()
    for (name, source) in reader.optionalNamedObjects("sources") {
      DefinitionName.check(name, reader: source)
      sources.append(SourceDefinition(applied: source, name: name, connectors: known))
    }
    for (name, subscription) in reader.optionalNamedObjectsOrNulls("subscriptions") {
      guard let subscription else {
        retiredSubscriptions.append(name)
        continue
      }
      DefinitionName.check(name, reader: subscription)
      subscriptions.append(SubscriptionDefinition(subscription, name: name))
    }
  }
}

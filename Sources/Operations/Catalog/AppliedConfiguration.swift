public import Connectors
public import Domain
public import JSON

/// The applied document, read and checked, before anything is written.
public struct AppliedConfiguration: Sendable {
  /// What the document says.
  public let configuration: Configuration

  /// Reads a document; relative paths in it are taken from `directory`.
  ///
  /// Throws all its faults at once, those that only connectors see among them.
  public init(_ document: JSONValue, directory: String) throws(Faults) {
    let whole = AppliedDocument.completed(document, directory: directory)
    let known = ConnectorFactory.connectors
    let (read, faults) = Configuration.read(whole, connectors: known)
    let readable = read.sources.filter { source in
      known.contains(source.connector) || read.manifests[source.connector] != nil
    }
    let all = faults + readable.flatMap { ConnectorFactory.faults(in: $0) }
    guard all.isEmpty else { throw Faults(all) }
    configuration = read
  }

  /// Looks whether every stream could be read from this machine and every subscription be told:
  /// whether secrets resolve, and files are there and are what they claim.
  ///
  /// Throws all that is wrong; nothing is sent.
  public func check(_ connectors: ConnectorFactory, _ courier: Courier) async throws(Faults) {
    var faults: [Fault] = []
    for source in configuration.sources {
      for stream in source.streams {
        guard let failure = await Self.failure(of: stream, source, connectors) else { continue }
        faults.append(Fault(path: "sources.\(stream.path)", message: failure.message))
      }
    }
    for subscription in configuration.subscriptions {
      guard let failure = courier.failure(of: subscription.delivery) else { continue }
      faults.append(
        Fault(path: "subscriptions.\(subscription.name)", message: failure.message))
    }
    guard faults.isEmpty else { throw Faults(faults) }
  }

  private static func failure(
    of stream: StreamDefinition, _ source: SourceDefinition, _ connectors: ConnectorFactory
  ) async -> SourceFailure? {
    do throws(SourceFailure) {
      try await connectors.connector(for: stream, of: source).check()
      return nil
    } catch {
      return error
    }
  }
}

extension StreamDefinition {
  /// Where the stream stands in the document below `sources`.
  fileprivate var path: String {
    name.split(separator: ".").joined(separator: ".streams.")
  }
}

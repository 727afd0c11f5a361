public import Connectors
import Domain
public import Stores

/// Looks whether streams could be read from this machine: whether their secrets resolve and their
/// files are what they claim.
public enum StreamDiagnosis {
  /// What is to be said of streams; the source of none is asked for anything.
  public static func findings(
    _ streams: [StreamRow], connectors: ConnectorFactory
  ) async -> [Finding] {
    var findings: [Finding] = []
    for stream in streams {
      guard let message = await fault(of: stream, connectors) else { continue }
      findings.append(Finding("stream", .problem, "\(stream.name): \(message)"))
    }
    guard findings.isEmpty, !streams.isEmpty else { return findings }
    return [
      Finding(
        "stream", .ok,
        "\(Wording.count(streams.count, "stream")) can be read from here: secrets and files are "
          + "there.")
    ]
  }

  private static func fault(
    of stream: StreamRow, _ connectors: ConnectorFactory
  ) async -> String? {
    do {
      let definition = try BackfillDefinition(stream)
      try await connectors.connector(for: definition.stream, of: definition.source).check()
      return nil
    } catch let failure as SourceFailure {
      return failure.message
    } catch {
      return "The definition cannot be read (\(error)); apply it again."
    }
  }
}

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
    if findings.isEmpty, !streams.isEmpty {
      findings.append(
        Finding(
          "stream", .ok,
          "\(Wording.count(streams.count, "stream")) can be read from here: secrets and files are "
            + "there."))
    }
    return findings + (await programs(of: streams, connectors))
  }

  /// What protects this machine from the programs of sources, one finding for each source.
  private static func programs(
    of streams: [StreamRow], _ connectors: ConnectorFactory
  ) async -> [Finding] {
    var findings: [String: Finding] = [:]
    for stream in streams where findings[stream.sourceName] == nil {
      do {
        let definition = try BackfillDefinition(stream)
        let found = try await connectors.protection(of: definition.stream, definition.source)
        guard let found else { continue }
        findings[stream.sourceName] = Finding(
          "program", found.machine == .isolated ? .ok : .warning,
          "The program of \(stream.sourceName) runs \(found).")
      } catch {
        findings[stream.sourceName] = Finding(
          "program", .problem,
          "The program of \(stream.sourceName) cannot be run: \(message(error))")
      }
    }
    return findings.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func fault(
    of stream: StreamRow, _ connectors: ConnectorFactory
  ) async -> String? {
    do {
      let definition = try BackfillDefinition(stream)
      try await connectors.connector(for: definition.stream, of: definition.source).check()
      return nil
    } catch {
      return message(error)
    }
  }

  private static func message(_ error: any Error) -> String {
    guard let failure = error as? SourceFailure else {
      return "The definition cannot be read (\(error)); apply it again."
    }
    return failure.message
  }
}

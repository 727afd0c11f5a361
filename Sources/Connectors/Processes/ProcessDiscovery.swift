import Domain
import JSON
import Processes

/// Asks a program what it is and has, apart from any partition.
struct ProcessDiscovery: Sendable {
  let launcher: ProcessLauncher
  /// The configuration, with a window: many programs refuse to list their streams without one.
  let config: JSONObject

  /// The streams that the program has.
  func catalogue() async throws(SourceFailure) -> ProcessCatalogue {
    let dialect = launcher.source.dialect
    switch dialect {
    case .singer:
      let text = try await output(of: ["--discover"])
      return ProcessCatalogue(document: try parse(text, what: "catalogue"), dialect: dialect)
    case .airbyte:
      let text = try await output(of: ["discover"])
      guard let catalogue = try message("CATALOG", in: text)["catalog"] else {
        throw missing("catalogue")
      }
      return ProcessCatalogue(document: catalogue, dialect: dialect)
    }
  }

  /// Lets the program try what it was given: credentials above all.
  ///
  /// A Singer tap has no command for that; most fail to list their streams where it would.
  func check() async throws(SourceFailure) {
    guard launcher.source.dialect == .airbyte else { return }
    let text = try await output(of: ["check"])
    let status = try message("CONNECTION_STATUS", in: text)["connectionStatus"]
    guard status?["status"]?.string == "SUCCEEDED" else {
      throw launcher.words.told("config_error", status?["message"]?.string ?? "")
    }
  }

  private func output(of arguments: [String]) async throws(SourceFailure) -> String {
    let folder = try launcher.folder()
    defer { withExtendedLifetime(folder) {} }
    let config = try folder.write("config.json", JSONValue.object(config).encoded())
    let arguments = arguments + ["--config", config]
    let prepared = try await launcher.prepare(arguments, in: folder)
    defer { prepared.egress?.stop() }
    var command = prepared.command
    command.deadline = .seconds(launcher.source.limits.idleSeconds)
    let result: ProcessResult
    do {
      result = try await command.run(keeping: ProcessLimits.catalogueBytes)
    } catch let failure as ProcessFailure {
      throw launcher.words.notRun(failure)
    } catch {
      throw SourceFailure(.network, "The reading was cancelled.")
    }
    guard result.status.isSuccess else { throw failure(of: result) }
    guard !result.output.isTruncated else {
      throw SourceFailure(
        .invalidPage, "\(launcher.words.program) wrote a catalogue too large to be read.")
    }
    return result.output.text
  }

  /// An Airbyte source says on standard output what is wrong.
  private func failure(of result: ProcessResult) -> SourceFailure {
    for line in result.output.text.split(separator: "\n") {
      guard let message = parsed(String(line)), message["type"]?.string == "TRACE",
        let trace = message["trace"],
        case .error(let kind, let words) = AirbyteTrace(trace.encoded())
      else { continue }
      return launcher.words.told(kind, words)
    }
    let last = result.errors.bytes.split(separator: UInt8(ascii: "\n")).last.map(Array.init) ?? []
    return launcher.words.ended(
      result.status, seconds: launcher.source.limits.idleSeconds, errors: last)
  }

  private func message(_ type: String, in text: String) throws(SourceFailure) -> JSONValue {
    for line in text.split(separator: "\n") {
      if let message = parsed(String(line)), message["type"]?.string == type { return message }
    }
    throw missing(type)
  }

  private func parsed(_ text: String) -> JSONValue? {
    do {
      return try JSONValue.parse(text)
    } catch {
      // Only the line that is sought matters; that it is missing is said.
      return nil
    }
  }

  private func parse(_ text: String, what: String) throws(SourceFailure) -> JSONValue {
    guard let value = parsed(text) else { throw missing(what) }
    return value
  }

  private func missing(_ what: String) -> SourceFailure {
    SourceFailure(
      .invalidPage, "\(launcher.words.program) ended with code 0 but wrote no \(what).")
  }
}

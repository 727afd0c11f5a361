import Domain
import Glibc
import JSON
import Processes

/// Reads a stream through a program that speaks Singer or the Airbyte protocol: one process for each
/// partition.
final class ProcessConnector: Connector {
  let launcher: ProcessLauncher
  let stream: ProcessStream
  /// Lets processes begin: how often one asks nobody knows, so all that a budget can bound is how
  /// many there are.
  let permits: any RequestPermits
  private let catalogue: SelectedCatalogue
  private let now: @Sendable () -> Instant

  init(
    _ launcher: ProcessLauncher, stream: ProcessStream, permits: any RequestPermits = FreePermits(),
    now: @escaping @Sendable () -> Instant
  ) {
    self.launcher = launcher
    self.stream = stream
    self.permits = permits
    self.now = now
    catalogue = SelectedCatalogue(stream)
  }

  /// A process as the limits of a source tell it apart: by the stream that it reads.
  var request: PermitRequest { PermitRequest(method: "RUN", path: "/\(stream.name)") }

  func check() async throws(SourceFailure) {
    guard let program = launcher.source.command.first else { return }
    guard access(program, X_OK) == 0 else {
      throw launcher.words.notRun(.programNotFound(program))
    }
  }

  func probe() async throws(SourceFailure) -> [String] {
    try await check()
    let discovery = discovery(for: yesterday)
    try await discovery.check()
    _ = try await catalogue.text(from: discovery)
    let program = launcher.words.program
    let isAsked = launcher.source.dialect == .airbyte || stream.selection != .none
    return [
      isAsked
        ? "\(program) accepts its configuration and has \(stream.name)."
        : "\(program) is there; it has no command to try its configuration.",
      stream.takesBothBounds
        ? "Each partition has a process of its own; concurrency bounds how many run at once."
        : "It takes no end of a window, so a window is read in one pass, by one process.",
      "Runs are \(try await launcher.protection()).",
    ]
  }

  func discover() async throws(SourceFailure) -> [DiscoveredStream] {
    try await check()
    return try await discovery(for: yesterday).catalogue().discovered
  }

  /// A page by itself costs a whole process; readers do better.
  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    let reader = reader(of: request.window, fields: request.fields)
    let result: Result<Page, SourceFailure>
    do throws(SourceFailure) {
      result = .success(try await reader.page(at: request.cursor))
    } catch {
      result = .failure(error)
    }
    await reader.close()
    return try result.get()
  }

  func reader(of window: Window, fields: [JSONPath]) -> any PartitionReader {
    ProcessReader(self, window: window, fields: fields)
  }

  /// Starts the program for a window from a checkpoint on.
  func start(
    _ window: Window, fields: [JSONPath], at cursor: ProcessCursor
  ) async throws(SourceFailure) -> ProcessRun {
    let folder = try launcher.folder()
    let arguments = try await arguments(for: window, at: cursor, in: folder)
    let prepared = try await launcher.prepare(arguments, in: folder)
    launcher.host.tell(
      .programStarted(
        stream: launcher.words.stream, program: launcher.words.program,
        protection: prepared.protection.description))
    let messages = MessageReader(
      stream, dialect: launcher.source.dialect, fields: fields, state: cursor.state,
      words: launcher.words)
    return try await ProcessRun(
      prepared, in: folder, messages: messages, ending: stream.ending, launcher: launcher)
  }

  private func discovery(for window: Window) -> ProcessDiscovery {
    ProcessDiscovery(
      launcher: launcher,
      config: stream.bounds?.setting(window, in: launcher.config) ?? launcher.config)
  }

  /// A window for what asks for one and reads none: the last whole day of UTC.
  private var yesterday: Window {
    let day = WallTime.microsecondsPerDay
    let midnight = now().microseconds / day * day
    return Window(
      from: Instant(microseconds: midnight - day), to: Instant(microseconds: midnight))
  }

  private func arguments(
    for window: Window, at cursor: ProcessCursor, in folder: RunFolder
  ) async throws(SourceFailure) -> [String] {
    let discovery = discovery(for: window)
    let config = JSONValue.object(discovery.config).encoded()
    var arguments = launcher.source.dialect == .airbyte ? ["read"] : []
    arguments += ["--config", try folder.write("config.json", config)]
    if let text = try await catalogue.text(from: discovery) {
      let option = stream.selection == .properties ? "--properties" : "--catalog"
      arguments += [option, try folder.write("catalog.json", text)]
    }
    if let state = cursor.state {
      arguments += ["--state", try folder.write("state.json", state)]
    }
    return arguments
  }
}

/// The catalogue as the program is told it, asked for once.
private actor SelectedCatalogue {
  private let stream: ProcessStream
  private var asking: Task<Result<String, SourceFailure>, Never>?

  init(_ stream: ProcessStream) {
    self.stream = stream
  }

  /// Nil where the program wants none.
  func text(from discovery: ProcessDiscovery) async throws(SourceFailure) -> String? {
    guard stream.selection != .none else { return nil }
    let task =
      asking
      ?? Task { [stream] in
        do throws(SourceFailure) {
          return .success(try await Self.ask(discovery, for: stream))
        } catch {
          return .failure(error)
        }
      }
    asking = task
    let result = await task.value
    // What failed is asked again by the next attempt.
    if case .failure = result, asking == task { asking = nil }
    return try result.get()
  }

  private static func ask(
    _ discovery: ProcessDiscovery, for stream: ProcessStream
  ) async throws(SourceFailure) -> String {
    let catalogue = try await discovery.catalogue()
    guard let selected = catalogue.selecting(stream) else {
      throw SourceFailure(
        .misconfigured,
        "\(discovery.launcher.words.program) has no stream \(Wording.quoted(stream.name)); it has "
          + "\(Wording.list(catalogue.names)).")
    }
    return selected.encoded()
  }
}

import Domain
import Glibc
import JSON
import Processes

/// Runs the program of a source: with nothing of our surroundings, bounded, and as nobody where this
/// process is root.
struct ProcessLauncher: Sendable {
  let source: ProcessSource
  /// The configuration with its secrets, without a window.
  let config: JSONObject
  let words: ProcessWords
  let host: ProgramHost
  /// Where folders of runs are made.
  private static let parent = "/tmp"

  /// What runs the program of a source for a stream, named in full.
  ///
  /// Throws `misconfigured` where a secret is not to be found.
  init(
    _ source: ProcessSource, reading stream: String, secrets: SecretResolver, host: ProgramHost
  ) throws(SourceFailure) {
    self.source = source
    self.host = host
    var config = source.config
    var found: [String] = []
    for secret in source.secrets {
      let value = try secrets.resolve(secret.reference)
      config = config.setting(secret.path, to: .string(value))
      found.append(value)
    }
    self.config = config
    let program = source.command.first?.split(separator: "/").last.map(String.init) ?? "?"
    words = ProcessWords(stream: stream, program: program, redactor: Redactor(found))
  }

  /// A folder for one run.
  func folder() throws(SourceFailure) -> RunFolder {
    let folder = try RunFolder(below: Self.parent, owner: try account())
    folder.removeRemains(below: Self.parent)
    return folder
  }

  /// The program made ready for one run.
  func prepare(
    _ arguments: [String], in folder: RunFolder
  ) async throws(SourceFailure) -> PreparedProgram {
    let protection = try await protection()
    let (egress, variables) = try openGuard(protection, in: folder)
    let words = source.command + arguments
    var command: Command
    if case .isolated = protection.machine, let bubblewrap = Bubblewrap.find() {
      let gate = protection.network == .guarded ? gateArguments(in: folder) : []
      command = Command(
        bubblewrap.path,
        bubblewrap.arguments(
          folder: folder.path, readable: readable(withGate: !gate.isEmpty),
          sharesNetwork: protection.network == .open || protection.network == .advised)
          + gate + words)
    } else {
      command = Command(words[0], Array(words.dropFirst()))
    }
    command.environment = .only(
      environment(in: folder).merging(variables) { _, guarding in guarding })
    command.workingDirectory = folder.path
    command.user = try account()?.name
    command.endsWithParent = true
    command.grace = .seconds(source.limits.graceSeconds)
    command.deadline = .seconds(source.limits.wholeSeconds)
    command.limits = ResourceLimits(
      memory: source.limits.memoryMegabytes << 20, processes: try processLimit(),
      openFiles: source.limits.openFiles, fileSize: source.limits.fileMegabytes << 20)
    return PreparedProgram(command: command, egress: egress, protection: protection)
  }

  /// What will stand between the program and the machine; throws where the definition wants more
  /// than can be had.
  func protection() async throws(SourceFailure) -> ProcessProtection {
    guard !source.command.isEmpty else {
      throw SourceFailure(.misconfigured, "The source names no program.")
    }
    let machine: ProcessProtection.Machine
    if source.sandbox == .off {
      machine = .shared(because: "the definition says so")
    } else {
      switch await BubblewrapTrial.shared.bubblewrap(for: try account()?.name) {
      case .success: machine = .isolated
      case .failure(let reason): machine = .shared(because: "bubblewrap: \(reason.words)")
      }
    }
    if case .shared(let reason) = machine, source.sandbox == .required {
      throw SourceFailure(
        .misconfigured, "\(words.program) is only run in a sandbox, and there is none: \(reason).")
    }
    return ProcessProtection(machine: machine, network: network(machine))
  }

  private func network(_ machine: ProcessProtection.Machine) -> ProcessProtection.Network {
    switch (source.network, machine) {
    case (.open, _): .open
    case (.none, .isolated): .none
    case (.guarded, .isolated): host.gate == nil ? .advised : .guarded
    case (.none, .shared), (.guarded, .shared): .advised
    }
  }

  /// The account as which the program runs; nil for our own.
  private func account() throws(SourceFailure) -> Account? {
    guard let name = source.user ?? (geteuid() == 0 ? "nobody" : nil) else { return nil }
    guard let account = Account.named(name) else {
      throw SourceFailure(.misconfigured, ProcessFailure.userUnknown(name).description)
    }
    return account.userID == geteuid() ? nil : account
  }

  /// The system counts the processes and threads of a user, ours among them where the program runs
  /// as ourselves.
  private func processLimit() throws(SourceFailure) -> Int {
    let isShared = try account() == nil && geteuid() != 0
    return source.limits.processes + (isShared ? Account.countThreads(of: geteuid()) : 0)
  }

  private func openGuard(
    _ protection: ProcessProtection, in folder: RunFolder
  ) throws(SourceFailure) -> (EgressGuard?, [String: String]) {
    // Where nothing holds the program back, it is at least told of a guard that refuses everything.
    let rule = EgressRule(hosts: source.network == .none ? ["-"] : source.hosts)
    let opened: (guard: EgressGuard, variables: [String: String])?
    switch protection.network {
    case .none, .open: return (nil, [:])
    case .guarded:
      let owner = try account().map { (user: $0.userID, group: $0.groupID) }
      opened = EgressGuard.open(rule, at: socketPath(in: folder), owner: owner)
    case .advised: opened = EgressGuard.open(rule, password: password())
    }
    guard let opened else {
      throw SourceFailure(
        .unavailable, "The egress guard cannot listen: \(systemMessage(errno)).")
    }
    return (opened.guard, opened.variables)
  }

  private func socketPath(in folder: RunFolder) -> String { "\(folder.path)/egress.sock" }

  private func gateArguments(in folder: RunFolder) -> [String] {
    host.gate.map { [$0] + EgressGate.arguments(socket: socketPath(in: folder)) } ?? []
  }

  /// The folder of the program and the one above, for an environment of Python's, and what else was
  /// named.
  private func readable(withGate: Bool) -> [String] {
    let parts = source.command[0].split(separator: "/").dropLast()
    let above = parts.last == "bin" ? parts.dropLast() : parts
    var paths = source.folders
    if !above.isEmpty { paths.append("/" + above.joined(separator: "/")) }
    if withGate { paths += MappedFiles.paths() }
    return paths
  }

  private func password() -> String {
    String(host.random(), radix: 36) + String(host.random(), radix: 36)
  }

  private func environment(in folder: RunFolder) -> [String: String] {
    let usual = [
      "HOME": folder.path, "TMPDIR": folder.path, "LANG": "C.UTF-8", "TZ": "UTC",
      "PATH": Program.defaultFolders.joined(separator: ":"),
    ]
    return usual.merging(source.environment) { _, given in given }
  }
}

/// A program made ready for one run.
struct PreparedProgram: Sendable {
  let command: Command
  /// The program's way out; nil where it has none or needs none.
  let egress: EgressGuard?
  let protection: ProcessProtection
}

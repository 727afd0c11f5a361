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
  /// Where folders of runs are made.
  private static let parent = "/tmp"

  /// What runs the program of a source for a stream, named in full.
  ///
  /// Throws `misconfigured` where a secret is not to be found.
  init(
    _ source: ProcessSource, reading stream: String, secrets: SecretResolver
  ) throws(SourceFailure) {
    self.source = source
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
    RunFolder.removeRemains(below: Self.parent)
    return try RunFolder(below: Self.parent, owner: try account())
  }

  /// The command for one run.
  func command(_ arguments: [String], in folder: RunFolder) throws(SourceFailure) -> Command {
    guard let program = source.command.first else {
      throw SourceFailure(.misconfigured, "The source names no program.")
    }
    var command = Command(program, Array(source.command.dropFirst()) + arguments)
    command.environment = .only(environment(in: folder))
    command.workingDirectory = folder.path
    command.user = try account()?.name
    command.endsWithParent = true
    command.grace = .seconds(source.limits.graceSeconds)
    command.deadline = .seconds(source.limits.wholeSeconds)
    command.limits = ResourceLimits(
      memory: source.limits.memoryMegabytes << 20, processes: try processLimit(),
      openFiles: source.limits.openFiles, fileSize: source.limits.fileMegabytes << 20)
    return command
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

  private func environment(in folder: RunFolder) -> [String: String] {
    let usual = [
      "HOME": folder.path, "TMPDIR": folder.path, "LANG": "C.UTF-8", "TZ": "UTC",
      "PATH": Program.defaultFolders.joined(separator: ":"),
    ]
    return usual.merging(source.environment) { _, given in given }
  }
}

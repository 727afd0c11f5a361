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
  let parent: String

  /// A folder for one run.
  func folder() throws(SourceFailure) -> RunFolder {
    RunFolder.removeRemains(below: parent)
    return try RunFolder(below: parent, owner: try account())
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
      memory: source.limits.memoryMegabytes << 20, processes: source.limits.processes,
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

  private func environment(in folder: RunFolder) -> [String: String] {
    let usual = [
      "HOME": folder.path, "TMPDIR": folder.path, "LANG": "C.UTF-8", "TZ": "UTC",
      "PATH": Program.defaultFolders.joined(separator: ":"),
    ]
    return usual.merging(source.environment) { _, given in given }
  }
}

import Foundation
import Processes

/// Programs from PyPI, each in an environment of its own in a temporary folder; none where PyPI or
/// Python cannot be had, which is said once.
actor PythonPrograms {
  static let shared = PythonPrograms()

  private var installations: [String: Task<String?, Never>] = [:]

  /// The folder of an environment that has a package; nil where it cannot be installed.
  func environment(with package: String) async -> String? {
    let installing = installations[package] ?? Task { await Self.install(package) }
    installations[package] = installing
    return await installing.value
  }

  /// Takes an environment away.
  func remove(_ package: String) async {
    guard let path = await installations[package]?.value else { return }
    installations[package] = nil
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("left behind: \(path)")
    }
  }

  private static func install(_ package: String) async -> String? {
    let path = "/tmp/backfill-python-\(package)-\(getpid())"
    do {
      var make = Command("python3", ["-m", "venv", path])
      make.deadline = .seconds(60)
      try await make.runExpectingSuccess()
      var install = Command(
        "\(path)/bin/pip", ["install", "--quiet", "--no-input", "--retries", "1", package])
      install.deadline = .seconds(240)
      try await install.runExpectingSuccess()
      return path
    } catch {
      print("Skipped, as \(package) cannot be installed from PyPI here: \(error)")
      return nil
    }
  }
}

/// What a source that runs a program of such an environment must be told of it.
struct PythonProgram: Sendable {
  let path: String
  /// The settings of its source that let it run: as ourselves, with its interpreter in reach.
  let settings: String

  init(_ name: String, in environment: String) throws {
    path = "\(environment)/bin/\(name)"
    let python = URL(fileURLWithPath: "\(environment)/bin/python3").resolvingSymlinksInPath()
    let home = python.deletingLastPathComponent().deletingLastPathComponent().path
    let user = Account.numbered(geteuid())?.name ?? "root"
    settings = """
      command: ["\(path)"], user: "\(user)", folders: ["\(home)"],
      """
  }
}

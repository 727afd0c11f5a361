import Domain
import Foundation
import Processes

/// A `backfill worker` as users run it: a process of its own, from the product that was built.
struct WorkerProcess: Sendable {
  /// Its name in `pg_stat_activity`.
  let name: String
  let process: RunningProcess

  /// Its number, by which it registers too.
  var id: Int32 { process.id }

  /// Starts a worker on a database.
  static func start(
    _ name: String, on database: String, concurrency: Int = 3, lease: Int = 2,
    environment: [String: String] = [:]
  ) async throws -> WorkerProcess {
    var command = Command(
      try program(),
      [
        "worker", "--database", "\(database) application_name=\(name)", "--concurrency",
        String(concurrency), "--lease", String(lease), "--log-format", "json",
      ])
    command.environment = .inheritedAdding(
      ["no_proxy": "127.0.0.1"].merging(environment) { $1 })
    command.endsWithParent = true
    let process = try await command.start(errors: Scale.showsLogs ? .inherited : .discarded)
    return WorkerProcess(name: name, process: process)
  }

  /// Ends it as the kernel does when memory runs out, and takes its remains away.
  func kill() async {
    process.send(.kill)
    _ = await process.wait()
  }

  /// The program lies beside the tests.
  static func program() throws -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let me = String(
      decoding: path.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let folder = me.split(separator: "/").dropLast().joined(separator: "/")
    guard access("/\(folder)/backfill", X_OK) == 0 else {
      throw Overdue(description: "The program was not built beside the tests, at /\(folder)")
    }
    return "/\(folder)/backfill"
  }
}

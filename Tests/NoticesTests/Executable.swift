import Foundation
import Processes
import Testing

/// The program itself, as it was built beside these tests.
struct Executable {
  let connectionString: String
  let environment: [String: String]

  /// Runs a command that ends by itself; gives how, and the lines that it wrote.
  func run(_ arguments: String...) async throws -> (status: Processes.ExitStatus, lines: [String]) {
    try await run(arguments)
  }

  /// The same.
  func run(_ arguments: [String]) async throws -> (status: Processes.ExitStatus, lines: [String]) {
    let result = try await command(arguments).run()
    let text = result.output.text + result.errors.text
    return (result.status, text.split(separator: "\n").map(String.init))
  }

  /// Starts a worker, which whoever starts it must stop.
  func startWorker() async throws -> RunningProcess {
    try await command(["worker", "--log-level", "error"]).start(errors: .inherited)
  }

  private func command(_ arguments: [String]) throws -> Command {
    var command = Command(try Self.path(), arguments + ["--database", connectionString])
    command.environment = .inheritedAdding(environment)
    command.endsWithParent = true
    command.deadline = .seconds(120)
    return command
  }

  private static func path() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    try #require(count > 0)
    let own = buffer.prefix(count).map { UInt8(bitPattern: $0) }
    let folder = String(decoding: own, as: UTF8.self).split(separator: "/").dropLast()
    return "/" + folder.joined(separator: "/") + "/backfill"
  }
}

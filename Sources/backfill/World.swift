import Cluster
import Connectors
import Domain
import Foundation
import Glibc
import Operations
import Processes

/// Everything that the program takes from outside: the one place with a clock, randomness and the
/// environment.
struct World: Sendable {
  /// The words of the command line after the program's name.
  var arguments: [String]
  /// The program's name as it was typed, for commands that a person is to type next.
  var programName: String
  /// Where the program itself lies; nil where the system does not tell.
  var executable: String?
  /// The variables.
  var environment: [String: String]
  /// The directory in which relative paths begin.
  var directory: String
  /// Where the private cluster and the indexes of files lie.
  var home: String
  /// Host and process, such as `etl-2:4711`.
  var processName: String
  /// Who runs the program.
  var user: String
  /// The time.
  var now: @Sendable () -> Instant
  /// Randomness for backoff and tokens.
  var randomness: Randomness
  /// Standard output.
  var output: Channel
  /// Standard error.
  var errors: Channel

  /// The world as this process finds it.
  static func current() -> World {
    let environment = ProcessInfo.processInfo.environment
    let arguments = CommandLine.arguments
    return World(
      arguments: Array(arguments.dropFirst()), programName: arguments.first ?? Program.name,
      executable: EgressGate.executable,
      environment: environment, directory: workingDirectory(),
      home: Cluster.home(environment: environment, userID: geteuid()),
      processName: "\(hostName()):\(getpid())",
      user: Account.numbered(geteuid())?.name ?? String(geteuid()),
      now: { Instant(microseconds: microsecondsSince1970()) },
      randomness: Randomness {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
      },
      output: Channel(descriptor: STDOUT_FILENO, environment: environment),
      errors: Channel(descriptor: STDERR_FILENO, environment: environment))
  }

  private static func workingDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return name.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? "localhost"
    }
  }

  private static func microsecondsSince1970() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}

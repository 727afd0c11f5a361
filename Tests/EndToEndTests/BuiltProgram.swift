import DatabaseFixtures
import Glibc
import JSON
import Processes

/// The built program, run as a person or a supervisor runs it.
struct BuiltProgram: Sendable {
  /// What a run that ended has left.
  struct Answer: Sendable, CustomStringConvertible {
    var code: Int32?
    var output: String
    var errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The only document that was printed.
    var document: JSONValue {
      get throws { try JSONValue.parse(output) }
    }

    /// One document a line.
    var documents: [JSONValue] {
      get throws { try lines.map { try JSONValue.parse($0) } }
    }

    var description: String { "code \(code.map(String.init) ?? "none")\n\(output)\n\(errors)" }
  }

  /// The directory in which it runs, and in which it keeps what is its own.
  let folder: String
  private let environment: [String: String]

  /// The program on a database that one test has to itself.
  init(on database: Database, folder: String) {
    self.init(folder: folder, ["DATABASE_URL": database.connectionString])
  }

  /// The program with some variables beside those that every program needs.
  init(folder: String, _ variables: [String: String]) {
    self.folder = folder
    var environment = ["HOME": folder, "BACKFILL_HOME": "\(folder)/home", "LANG": "C.UTF-8"]
    environment["PATH"] = getenv("PATH").map { String(cString: $0) }
    self.environment = environment.merging(variables) { $1 }
  }

  /// The same program with more variables.
  func adding(_ variables: [String: String]) -> BuiltProgram {
    BuiltProgram(folder: folder, environment.merging(variables) { $1 })
  }

  /// Runs it to its end.
  func callAsFunction(_ words: String..., input: String = "") async throws -> Answer {
    try await run(words, input: input)
  }

  /// Runs it to its end.
  func run(_ words: [String], input: String = "") async throws -> Answer {
    var command = command(words)
    command.input = .bytes(Array(input.utf8))
    let result = try await command.run(keeping: 16 << 20)
    return Answer(
      code: result.status.code, output: result.output.text, errors: result.errors.text)
  }

  /// The program with its words, to be started.
  func command(_ words: [String]) -> Command {
    var command = Command(Self.path, words)
    command.environment = .only(environment)
    command.workingDirectory = folder
    command.deadline = .seconds(120)
    command.endsWithParent = true
    return command
  }

  /// A shell that runs a line in which `backfill` is the program.
  func shell(_ line: String) async throws -> Answer {
    var command = Command("bash", ["-c", "backfill() { \(Self.path) \"$@\"; }; \(line)"])
    command.environment = .only(environment)
    command.workingDirectory = folder
    command.deadline = .seconds(60)
    let result = try await command.run()
    return Answer(
      code: result.status.code, output: result.output.text, errors: result.errors.text)
  }

  /// Beside the tests, where it was built with them.
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let executable = String(
      decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return executable.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/backfill"
  }()
}

extension ExitStatus {
  /// The code of a program that ended by itself.
  var code: Int32? {
    if case .exited(let code) = self { code } else { nil }
  }
}

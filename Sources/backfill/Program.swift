import Arguments
import Glibc

/// The program: reads the command line, runs the command, and says how it ended.
struct Program: Sendable {
  /// What a person types.
  static let name = "backfill"
  /// The version, as `--version` says it and as workers register with it.
  static let version = "0.1.0"

  let world: World
  /// What `--database` said, where it was given.
  private(set) var databaseURL: String?
  /// The sample source that lives in this program; it listens once something is to be read of it.
  let bundledSource: BundledSource

  init(_ world: World) {
    self.world = world
    bundledSource = BundledSource(world)
  }

  /// Runs the command line to its end.
  func run() async -> ExitCode {
    // A reader that went away is told by the write that fails, not by the end of the program.
    signal(SIGPIPE, SIG_IGN)
    do {
      switch try CommandTable.root.parse(world.arguments) {
      case .help(let text): try world.output.write(text)
      case .version: try world.output.line("\(Self.name) \(Self.version)")
      case .run(let invocation): return try await run(invocation)
      }
      return .done
    } catch is Channel.Closed {
      return .done
    } catch {
      return report(Failure(error))
    }
  }

  private func run(_ invocation: Invocation) async throws -> ExitCode {
    guard let type = CommandTable.verb(at: invocation.path) else {
      preconditionFailure("the table names \(invocation.command), which no verb stands for")
    }
    var program = self
    program.databaseURL = invocation.text(OptionSpec.database.name)
    return try await type.init(invocation).run(in: program)
  }

  private func report(_ failure: Failure) -> ExitCode {
    for line in failure.lines { world.errors.remark("\(Self.name): \(line)") }
    return failure.code
  }
}

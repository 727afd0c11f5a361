import Arguments
import Domain
import JSON
import Operations

/// `backfill apply`: makes the sources and streams of a document known.
struct ApplyVerb: Verb {
  static let spec = CommandSpec(
    "apply", "Make the sources, streams and subscriptions of a document known.",
    discussion: """
      The document is JSON5: JSON with comments, trailing commas and keys without quotes. All its \
      faults are told at once, each by its path, and nothing is written then. Backfills that were \
      submitted go on with the definitions that they were submitted with.

      The subscriptions of a document are all there are: those it does not name are retired. A \
      document without them leaves them as they are.
      """,
    options: [
      OptionSpec(
        "file", letter: "f", .value("FILE"), "The document; - stands for standard input.",
        completion: .files),
      .skipCheck,
    ],
    examples: [.init("backfill apply -f shop.json5", "Make the sources of a shop known")])

  private let path: String
  private let isChecked: Bool

  init(_ invocation: Invocation) throws {
    path = try invocation.requiredText("file")
    isChecked = !invocation.has("skip-check")
  }

  func run(in program: Program) async throws -> ExitCode {
    let applied = try AppliedConfiguration(try document(), directory: directory(program.world))
    if isChecked { try await applied.check(try program.connectorFactory(), try program.courier()) }
    let configuration = applied.configuration
    for warning in configuration.warnings {
      program.world.errors.remark("\(Program.name): warning: \(warning)")
    }
    let retired = try await program.withDatabase { database in
      try await Application(pool: database.pool).apply(configuration)
    }
    try program.world.output.line(Self.sentence(configuration))
    if !retired.isEmpty {
      try program.world.output.line(
        "Retired, for the document does not name them: \(Wording.list(retired)).")
    }
    return .done
  }

  private func document() throws -> JSONValue {
    let bytes = try TextFile.bytes(of: path)
    do throws(JSONError) {
      return try JSONValue.parse(bytes, dialect: .json5)
    } catch {
      throw Failure(.usage, "\(path), \(error)")
    }
  }

  private func directory(_ world: World) -> String {
    guard path != "-", let slash = path.lastIndex(of: "/") else { return world.directory }
    let directory = path[..<slash]
    return directory.hasPrefix("/") || directory.isEmpty
      ? String(directory) : "\(world.directory)/\(directory)"
  }

  private static func sentence(_ configuration: Configuration) -> String {
    let streams = configuration.sources.reduce(0) { $0 + $1.streams.count }
    let subscriptions = Wording.count(configuration.subscriptions.count, "subscription")
    return "Applied \(Wording.count(configuration.sources.count, "source")) with "
      + "\(Wording.count(streams, "stream"))"
      + (configuration.speaksOfSubscriptions ? " and \(subscriptions)." : ".")
  }
}

extension OptionSpec {
  /// Leaves to the workers what only they can see.
  static let skipCheck = OptionSpec(
    "skip-check", .flag, "Do not look for secrets and files, which only the workers have.")
}

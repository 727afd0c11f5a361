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

      Several documents may be applied, one of each team: what a document does not name stays as it \
      is. A source is stated whole, so that a stream that it no longer has is retired; a \
      subscription is retired by null in its place, as in {subscriptions: {finance: null}}.
      """,
    options: [
      OptionSpec(
        "file", letter: "f", .value("FILE"), "The document; - stands for standard input.",
        completion: .files),
      OptionSpec("diff", .flag, "Show what would change, and change nothing."),
      .skipCheck, .json,
    ],
    examples: [
      .init("backfill apply -f shop.json5", "Make the sources of a shop known"),
      .init("backfill apply -f shop.json5 --diff", "See what that would change"),
    ])

  private let path: String
  private let isOnlyDifference: Bool
  private let isChecked: Bool
  private let json: Bool

  init(_ invocation: Invocation) throws {
    path = try invocation.requiredText("file")
    isOnlyDifference = invocation.has("diff")
    isChecked = !invocation.has("skip-check")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let file = AppliedFile(path: path, world: program.world)
    let applied = try AppliedConfiguration(try file.document(), directory: file.directory)
    if isChecked { try await applied.check(try program.connectorFactory(), try program.courier()) }
    let configuration = applied.configuration
    for warning in configuration.warnings {
      program.world.errors.remark("\(Program.name): warning: \(warning)")
    }
    let changes = try await program.withDatabase { database in
      let application = Application(pool: database.pool)
      let changes = try await application.changes(by: configuration)
      if !isOnlyDifference { try await application.apply(configuration) }
      return changes
    }
    try tell(changes, configuration, program.world.output)
    return .done
  }

  private func tell(
    _ changes: [ConfigurationChange], _ configuration: Configuration, _ output: Channel
  ) throws(Channel.Closed) {
    for change in changes {
      if json { try output.write(change.document) } else { try output.line(change.text) }
    }
    guard !json else { return }
    if changes.isEmpty {
      try output.line("Nothing changes.")
    } else if isOnlyDifference {
      try output.line("Nothing was applied.")
    } else {
      try output.line(Self.sentence(configuration))
    }
  }

  private static func sentence(_ configuration: Configuration) -> String {
    let streams = configuration.sources.reduce(0) { $0 + $1.streams.count }
    let told = configuration.subscriptions.count
    return "Applied \(Wording.count(configuration.sources.count, "source")) with "
      + "\(Wording.count(streams, "stream"))"
      + (told == 0 ? "." : " and \(Wording.count(told, "subscription")).")
  }
}

extension ConfigurationChange {
  fileprivate var text: String {
    switch kind {
    case .added: "+ \(thing.rawValue) \(name)"
    case .changed(let keys): "~ \(thing.rawValue) \(name): \(keys.joined(separator: ", "))"
    case .retired where thing == .subscription: "- \(thing.rawValue) \(name) (told nothing more)"
    case .retired: "- \(thing.rawValue) \(name) (what was read of it stays)"
    }
  }

  fileprivate var document: JSONValue {
    let (change, keys): (JSONValue, [String]) =
      switch kind {
      case .added: ("added", [])
      case .changed(let keys): ("changed", keys)
      case .retired: ("retired", [])
      }
    return [
      thing.rawValue: .string(name), "change": change, "keys": .array(keys.map { .string($0) }),
    ]
  }
}

extension OptionSpec {
  /// Leaves to the workers what only they can see.
  static let skipCheck = OptionSpec(
    "skip-check", .flag, "Do not look for secrets and files, which only the workers have.")
}

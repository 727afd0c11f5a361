import Arguments
import Connectors
import Domain
import JSON
import Stores

/// `backfill sources`: what was applied, by source.
struct SourcesVerb: Verb {
  static let spec = CommandSpec(
    "sources", "List the sources, or check that one can be read.",
    discussion: """
      check asks the source itself, for each of its streams: whether it takes the credentials and has \
      what is to be read.
      """,
    synopsis: ["", "check NAME"],
    arguments: [
      ArgumentSpec("check", "Check a source.", count: .optional),
      ArgumentSpec("NAME", "The source to check.", count: .optional),
    ],
    options: [.json],
    examples: [
      .init("backfill sources", "Which sources there are, and which ask for patience"),
      .init("backfill sources check shop", "See whether shop can be read"),
    ])

  private let checked: String?
  private let json: Bool

  init(_ invocation: Invocation) throws {
    json = invocation.has("json")
    guard let task = invocation.argument("check") else {
      checked = nil
      return
    }
    guard task == "check" else {
      throw invocation.error(
        .notAllowed(name: "check", value: task, allowed: ["check"], nearest: "check"))
    }
    checked = try invocation.requiredArgument("NAME")
  }

  func run(in program: Program) async throws -> ExitCode {
    if let checked { return try await check(checked, program) }
    let rows = try await program.withDatabase { database in
      try await CatalogStore(pool: database.pool).listSources()
    }
    let output = program.world.output
    guard !json else {
      for row in rows { try output.write(try row.document) }
      return .done
    }
    var table = TextTable(
      "NAME", "CONNECTOR", .numbers("STREAMS"), "AT ONCE", "LIMITS", "APPLIED (UTC)", "STATE")
    for row in rows {
      let definition = try SourceDefinition(json: try JSONValue.parse(row.definition))
      let held = row.heldUntil.map {
        "waiting until \(Wording.second($0)): \(row.heldReason ?? "")"
      }
      table.add(
        row.name, definition.connector, String(row.streams),
        row.concurrency.map { "at most \($0)" } ?? "no cap",
        definition.budget.isEmpty
          ? "none" : definition.budget.map(Wording.limit).joined(separator: "; "),
        Wording.second(row.appliedAt),
        held ?? "free")
    }
    try output.write(table, orElse: "There are no sources; see: backfill apply --help")
    return .done
  }

  private func check(_ name: String, _ program: Program) async throws -> ExitCode {
    let source = try await program.source(named: name)
    let factory = try program.connectorFactory()
    var isSound = true
    for stream in source.streams {
      let found = await Self.look(at: stream, of: source, factory)
      isSound = isSound && found.isSound
      try tell(found.sentences, about: stream.name, isSound: found.isSound, program.world.output)
    }
    return isSound ? .done : .failed
  }

  private static func look(
    at stream: StreamDefinition, of source: SourceDefinition, _ factory: ConnectorFactory
  ) async -> (isSound: Bool, sentences: [String]) {
    do throws(SourceFailure) {
      return (true, try await factory.connector(for: stream, of: source).probe())
    } catch {
      return (false, [error.message])
    }
  }

  private func tell(
    _ sentences: [String], about stream: String, isSound: Bool, _ output: Channel
  ) throws(Channel.Closed) {
    guard !json else {
      return try output.write([
        "stream": .string(stream), "ok": .bool(isSound),
        "messages": .array(sentences.map { .string($0) }),
      ])
    }
    for sentence in sentences { try output.line("\(stream): \(sentence)") }
  }
}

extension Program {
  /// A source as it was applied last, with its streams; an error that says which there are where
  /// there is none of this name.
  func source(named name: String) async throws -> SourceDefinition {
    try await withDatabase { database in
      let catalog = CatalogStore(pool: database.pool)
      let rows = try await catalog.listSources()
      guard let row = rows.first(where: { $0.name == name }) else {
        let known = rows.isEmpty ? "there are none" : "there is \(Wording.list(rows.map(\.name)))"
        throw Failure(.usage, "There is no source \(name); \(known).")
      }
      var source = try SourceDefinition(json: try JSONValue.parse(row.definition))
      source.streams = try await catalog.listStreams().filter { $0.sourceName == name }.map {
        try StreamDefinition(json: try JSONValue.parse($0.definition))
      }
      return source
    }
  }
}

extension SourceRow {
  /// One line of `sources --json`.
  fileprivate var document: JSONValue {
    get throws {
      [
        "name": .string(name), "streams": JSONValue(streams),
        "concurrency": .number(concurrency), "held_until": .instant(heldUntil),
        "held_reason": heldUntil == nil ? .null : JSONValue(heldReason),
        "applied_at": .instant(appliedAt), "definition": try JSONValue.parse(definition),
      ]
    }
  }
}

import Arguments
import Connectors
import Domain
import JSON
import Stores

/// `backfill streams`: what can be backfilled.
struct StreamsVerb: Verb {
  static let spec = CommandSpec(
    "streams", "List the streams that can be backfilled, or those that a source has.",
    options: [
      OptionSpec(
        "discover", .value("SOURCE"), "Ask this source which streams it has.",
        completion: .names("sources")),
      .json,
    ],
    examples: [
      .init("backfill streams", "What can be backfilled"),
      .init("backfill streams --discover shop", "What shop has, applied or not"),
    ])

  private let discovered: String?
  private let json: Bool

  init(_ invocation: Invocation) {
    discovered = invocation.text("discover")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    if let discovered { return try await discover(discovered, program) }
    let rows = try await program.withDatabase { database in
      try await CatalogStore(pool: database.pool).listStreams()
    }
    let output = program.world.output
    var table = TextTable("NAME", "KEY", "EVENT TIME", "POLICY", "STEP", "ZONE", "TAGS")
    for row in rows {
      let json = try JSONValue.parse(row.definition)
      if self.json {
        try output.write([
          "name": .string(row.name), "source": .string(row.sourceName),
          "applied_at": .instant(row.appliedAt), "definition": json,
        ])
        continue
      }
      let stream = try StreamDefinition(json: json)
      table.add(
        stream.name, stream.key.description, stream.eventTime.path.description,
        stream.policy.rawValue, stream.step.description, stream.timeZone,
        stream.tags.joined(separator: ", "))
    }
    if !json {
      try output.write(table, orElse: "There are no streams; see: backfill apply --help")
    }
    return .done
  }

  private func discover(_ name: String, _ program: Program) async throws -> ExitCode {
    let source = try await program.source(named: name)
    guard let stream = source.streams.first else { return .done }
    let found = try await program.connectorFactory().connector(for: stream, of: source).discover()
    let output = program.world.output
    var table = TextTable("NAME", "KEY", "READ BY", .numbers("FIELDS"))
    for stream in found {
      guard !json else {
        try output.write(stream.document)
        continue
      }
      table.add(
        stream.name, stream.key.joined(separator: ", "), stream.cursorField ?? "",
        String(stream.fields.count))
    }
    if !json { try output.write(table, orElse: "\(name) says that it has no streams.") }
    return .done
  }
}

extension DiscoveredStream {
  /// One line of `streams --discover --json`.
  fileprivate var document: JSONValue {
    [
      "name": .string(name), "key": .array(key.map { .string($0) }),
      "cursor_field": JSONValue(cursorField), "fields": .array(fields.map { .string($0) }),
    ]
  }
}

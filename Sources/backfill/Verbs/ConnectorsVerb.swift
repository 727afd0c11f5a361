import Arguments
import Connectors
import JSON
import Operations
import Spelling

/// `backfill connectors`: what can be read, how a source is written for it, and whether it is sound.
struct ConnectorsVerb: Verb {
  static let spec = CommandSpec(
    "connectors", "List the connectors, show how one is used, or check a manifest.",
    discussion: """
      check reads a document or a manifest and tells all its faults at once, each by its path; \
      nothing is applied, asked or written. --keys describes every key of a manifest.
      """,
    synopsis: ["[NAME]", "check FILE", "--keys"],
    arguments: [
      ArgumentSpec(
        "NAME", "Only this one, with its settings and an example; or check.", count: .optional),
      ArgumentSpec("FILE", "The document or manifest to check.", count: .optional),
    ],
    options: [
      OptionSpec("keys", .flag, "Describe every key of a manifest, with an example each."), .json,
    ],
    examples: [
      .init("backfill connectors files", "How to read files"),
      .init("backfill connectors check shop.json5", "See what is wrong with a manifest"),
      .init("backfill connectors --keys", "Every key that a manifest may have"),
    ])

  private enum Task {
    case list
    case guide(ConnectorGuide)
    case keys
    case check(path: String)
  }

  private let task: Task
  private let json: Bool

  init(_ invocation: Invocation) throws {
    json = invocation.has("json")
    let name = invocation.argument("NAME")
    if invocation.has("keys") {
      task = .keys
    } else if name == "check" {
      task = .check(path: try invocation.requiredArgument("FILE"))
    } else if let name {
      task = .guide(try Self.guide(name, invocation))
    } else {
      task = .list
    }
  }

  private static func guide(_ name: String, _ invocation: Invocation) throws -> ConnectorGuide {
    if let guide = ConnectorGuide.all.first(where: { $0.name == name }) { return guide }
    let known = ConnectorGuide.all.map(\.name)
    throw invocation.error(
      .notAllowed(
        name: "NAME", value: name, allowed: known + ["check"],
        nearest: nearestName(to: name, among: known + ["check"])))
  }

  func run(in program: Program) throws -> ExitCode {
    let output = program.world.output
    switch task {
    case .list: try list(output)
    case .guide(let guide): try json ? output.write(guide.document) : output.write(guide.text)
    case .keys:
      for key in ManifestKey.all { try json ? output.write(key.document) : output.line(key.text) }
    case .check(let path): return try check(path, program)
    }
    return .done
  }

  private func list(_ output: Channel) throws {
    if json {
      for guide in ConnectorGuide.all { try output.write(guide.document) }
    } else {
      var table = TextTable("NAME", "STANDING", "WHAT IT READS")
      for guide in ConnectorGuide.all {
        table.add(guide.name, guide.standing.word, guide.summary)
      }
      try output.write(table, orElse: "")
      try output.line("\nSee how a source is written with: backfill connectors NAME")
    }
  }

  private func check(_ path: String, _ program: Program) throws -> ExitCode {
    let file = AppliedFile(path: path, world: program.world)
    let faults = ManifestCheck.faults(in: try file.document(), directory: file.directory)
    let output = program.world.output
    for fault in faults {
      try json
        ? output.write(["path": .string(fault.path), "message": .string(fault.message)])
        : output.line(fault.description)
    }
    if faults.isEmpty, !json { try output.line("\(path) is sound.") }
    return faults.isEmpty ? .done : .usage
  }
}

extension ManifestKey {
  /// The key for people.
  fileprivate var text: String {
    let standard = self.standard.map { "default \($0)" } ?? "must be given"
    return "\(path) (\(place.rawValue)): \(form); \(standard)\n      \(meaning)\n      \(example)"
  }

  fileprivate var document: JSONValue {
    [
      "key": .string(path), "in": .string(place.rawValue), "form": .string(form),
      "default": standard.map { .string($0) } ?? .null, "required": .bool(standard == nil),
      "meaning": .string(meaning), "example": .string(example),
    ]
  }
}

extension ConnectorGuide {
  /// Everything, for people.
  fileprivate var text: String {
    "\(summary)\n\(standing.sentence)\n\nSettings of \(name):\n\(Self.list(settings))\n\n"
      + "Limits of every source:\n\(Self.list(Self.budget))\n\n"
      + "Settings of every stream:\n\(Self.list(Self.stream))\n\nFor example:\n\n\(example)\n"
  }

  private static func list(_ entries: [(name: String, meaning: String)]) -> String {
    entries.map { "  \($0.name)\n      \($0.meaning)" }.joined(separator: "\n")
  }

  fileprivate var document: JSONValue {
    [
      "name": .string(name), "summary": .string(summary), "standing": .string(standing.word),
      "proof": .string(standing.sentence), "settings": Self.object(settings),
      "stream_settings": Self.object(Self.stream), "example": .string(example),
    ]
  }

  private static func object(_ entries: [(name: String, meaning: String)]) -> JSONValue {
    var object = JSONObject()
    for (name, meaning) in entries { object[name] = .string(meaning) }
    return .object(object)
  }
}

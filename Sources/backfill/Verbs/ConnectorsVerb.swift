import Arguments
import JSON
import Spelling

/// `backfill connectors`: what can be read, and how a source is written for it.
struct ConnectorsVerb: Verb {
  static let spec = CommandSpec(
    "connectors", "List the connectors, or show how a source for one is written.",
    arguments: [
      ArgumentSpec(
        "NAME", "Only this one, with its settings and an example.", count: .optional)
    ],
    options: [.json],
    examples: [.init("backfill connectors files", "How to read files")])

  private let guide: ConnectorGuide?
  private let json: Bool

  init(_ invocation: Invocation) throws {
    json = invocation.has("json")
    guard let name = invocation.argument("NAME") else {
      guide = nil
      return
    }
    let known = ConnectorGuide.all.map(\.name)
    guide = ConnectorGuide.all.first { $0.name == name }
    guard guide != nil else {
      throw invocation.error(
        .notAllowed(
          name: "NAME", value: name, allowed: known, nearest: nearestName(to: name, among: known)))
    }
  }

  func run(in program: Program) throws -> ExitCode {
    let output = program.world.output
    if let guide {
      try json ? output.write(guide.document) : output.write(guide.text)
    } else if json {
      for guide in ConnectorGuide.all { try output.write(guide.document) }
    } else {
      var table = TextTable("NAME", "WHAT IT READS")
      for guide in ConnectorGuide.all { table.add(guide.name, guide.summary) }
      try output.write(table, orElse: "")
      try output.line("\nSee how a source is written with: backfill connectors NAME")
    }
    return .done
  }
}

extension ConnectorGuide {
  /// Everything, for people.
  fileprivate var text: String {
    "\(summary)\n\nSettings of \(name):\n\(Self.list(settings))\n\n"
      + "Limits of every source:\n\(Self.list(Self.budget))\n\n"
      + "Settings of every stream:\n\(Self.list(Self.stream))\n\nFor example:\n\n\(example)\n"
  }

  private static func list(_ entries: [(name: String, meaning: String)]) -> String {
    entries.map { "  \($0.name)\n      \($0.meaning)" }.joined(separator: "\n")
  }

  fileprivate var document: JSONValue {
    var settings = JSONObject()
    for (name, meaning) in self.settings { settings[name] = .string(meaning) }
    return [
      "name": .string(name), "summary": .string(summary), "settings": .object(settings),
      "example": .string(example),
    ]
  }
}

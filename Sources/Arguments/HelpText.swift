extension CommandSpec {
  /// What `--help` shows for the command at `path` below this root; of an unknown name on, for the
  /// command that was reached.
  public func helpText(of path: [String]) -> String {
    path.reduce(root) { place, name in place.subcommand(name) ?? place }.helpText
  }
}

extension PlacedCommand {
  /// What `--help` shows.
  var helpText: String {
    let sections = [
      TextLayout.paragraphs(command.summary),
      section("Usage", usageLines.map { "  \($0)" }),
      TextLayout.paragraphs(command.discussion),
      section("Commands", listedSubcommands.map { row($0.command.name, $0.command.summary) }),
      section("Arguments", command.arguments.map { row($0.name, $0.meaning) }),
      section(path.isEmpty ? "Options of every command" : "Options", rows(ownOptions)),
      section("Options of every command", rows(path.isEmpty ? [] : sharedOptions)),
      section("Examples", command.examples.map { "  # \($0.summary)\n  \($0.name)" }),
      section("Exit codes", command.exitCodes.map { row($0.name, $0.summary) }),
      section("Environment", command.environment.map { row($0.name, $0.summary) }),
      path.isEmpty ? "Help on a command: \(program) COMMAND --help" : "",
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// Whole lines that name everything the command takes.
  var usageLines: [String] {
    let endings = command.synopsis.isEmpty ? [generatedSynopsis] : command.synopsis
    return endings.map { $0.isEmpty ? fullName : "\(fullName) \($0)" }
  }

  private var ownOptions: [OptionSpec] { command.options + (path.isEmpty ? builtIn : []) }
  private var sharedOptions: [OptionSpec] { inherited + builtIn }

  private var generatedSynopsis: String {
    if !command.subcommands.isEmpty { return "COMMAND [options]" }
    let words = command.arguments.map(\.usage) + (command.options.isEmpty ? [] : ["[options]"])
    return words.joined(separator: " ")
  }

  private func row(_ name: String, _ meaning: String) -> String {
    TextLayout.row(name, meaning)
  }

  private func rows(_ options: [OptionSpec]) -> [String] {
    options.map { row($0.usage, $0.meaning) }
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    lines.isEmpty ? "" : "\(title):\n" + lines.joined(separator: "\n")
  }
}

extension ArgumentSpec {
  /// The name with the brackets and dots of a usage line.
  var usage: String {
    switch count {
    case .one: name
    case .optional: "[\(name)]"
    case .some: "\(name)..."
    case .any: "[\(name)...]"
    }
  }

  var meaning: String { summary + remark(allowed: allowed, standard: nil) }
}

extension OptionSpec {
  /// Every spelling, with the value's name.
  var usage: String {
    spellings.joined(separator: ", ") + (valueName.map { " \($0)" } ?? "")
  }

  var meaning: String {
    summary + remark(allowed: allowed, standard: standard) + (isRepeated ? " May be repeated." : "")
  }

  private var isRepeated: Bool {
    if case .repeated = kind { true } else { false }
  }
}

private func remark(allowed: [String], standard: String?) -> String {
  let choice = allowed.isEmpty ? nil : "One of \(allowed.joined(separator: ", "))"
  let fallback = standard.map { "default \($0)" }
  let parts = [choice, fallback].compactMap(\.self)
  guard let first = parts.first?.first else { return "" }
  return " " + first.uppercased() + parts.joined(separator: "; ").dropFirst() + "."
}

extension CommandSpec {
  /// The manual page of the program whose root this is, in roff, for section 1.
  public func manualPage(version: String) -> String {
    ManualPage(root: root, version: version).text
  }
}

/// A manual page made from the table of commands.
struct ManualPage {
  let root: PlacedCommand
  let version: String

  var text: String {
    let blocks = [
      [".TH \(root.program.uppercased()) 1 \"\" \"\(escaped("\(root.program) \(version)"))\""],
      [".SH NAME", "\(root.program) \\- \(escaped(withoutStop(root.command.summary)))"],
      [".SH SYNOPSIS"] + root.usageLines.flatMap(usage),
      section("DESCRIPTION", paragraphs(root.command.discussion)),
      section("OPTIONS", (root.command.options + root.builtIn).flatMap(option)),
      [".SH COMMANDS"] + root.listedTree.dropFirst().filter(\.command.runs).flatMap(command),
      section("EXAMPLES", root.command.examples.flatMap(example)),
      section("EXIT STATUS", root.command.exitCodes.flatMap(entry)),
      section("ENVIRONMENT", root.command.environment.flatMap(entry)),
    ]
    return blocks.joined().joined(separator: "\n") + "\n"
  }

  private func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : [".SH \(title)"] + lines
  }

  private func command(_ place: PlacedCommand) -> [String] {
    let command = place.command
    return [".SS \(escaped(place.key))"] + place.usageLines.flatMap(usage)
      + [".PP", escaped(command.summary)] + later(paragraphs(command.discussion))
      + command.arguments.flatMap { item($0.usage, $0.meaning) }
      + command.options.flatMap(option) + later(command.examples.flatMap(example))
  }

  private func usage(_ line: String) -> [String] {
    [".nf", ".B \(escaped(line))", ".fi"]
  }

  private func option(_ option: OptionSpec) -> [String] {
    item(option.usage, option.meaning)
  }

  private func entry(_ entry: CommandSpec.Entry) -> [String] {
    item(entry.name, entry.summary)
  }

  private func item(_ name: String, _ meaning: String) -> [String] {
    [".TP", ".B \(escaped(name))", escaped(meaning)]
  }

  private func example(_ example: CommandSpec.Entry) -> [String] {
    [".PP", escaped(example.summary), ".PP", ".nf", ".RS 4", escaped(example.name), ".RE", ".fi"]
  }

  private func paragraphs(_ text: String) -> [String] {
    text.split(separator: "\n\n").map { $0.split(separator: "\n").joined(separator: " ") }
      .enumerated().flatMap { [$0.offset == 0 ? nil : ".PP", escaped($0.element)] }
      .compactMap(\.self)
  }

  /// Lines that follow a paragraph of their own kind.
  private func later(_ lines: [String]) -> [String] {
    lines.isEmpty || lines.first == ".PP" ? lines : [".PP"] + lines
  }

  private func withoutStop(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }

  /// A dash that is typed must not become a hyphen, and no line of text may begin a request.
  private func escaped(_ text: String) -> String {
    var safe = ""
    for character in text {
      switch character {
      case "\\": safe += "\\e"
      case "-": safe += "\\-"
      case "\"": safe += "\\(dq"
      case "'" where safe.isEmpty, "." where safe.isEmpty: safe += "\\&\(character)"
      default: safe.append(character)
      }
    }
    return safe
  }
}

extension CommandSpec {
  /// Whether the command does something itself.
  fileprivate var runs: Bool { subcommands.isEmpty }
}

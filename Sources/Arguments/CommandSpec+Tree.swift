/// A command with its place in the tree.
struct PlacedCommand {
  let command: CommandSpec
  /// The names from below the root down to this command; empty for the root.
  let path: [String]
  /// The options that the commands above bring, nearest last.
  let inherited: [OptionSpec]
  let program: String

  /// The words that a person types to name this command.
  var fullName: String { ([program] + path).joined(separator: " ") }

  /// The options that are built in: help everywhere, the version for the program as a whole.
  var builtIn: [OptionSpec] { path.isEmpty ? [.help, .version] : [.help] }

  var options: [OptionSpec] { command.options + inherited + builtIn }

  func subcommand(_ name: String) -> PlacedCommand? {
    command.subcommands.first { $0.name == name }.map { below($0) }
  }

  var listedSubcommands: [PlacedCommand] {
    command.subcommands.filter { !$0.isHidden }.map { below($0) }
  }

  /// This command and all that are listed below it, each before its own.
  var listedTree: [PlacedCommand] {
    [self] + listedSubcommands.flatMap(\.listedTree)
  }

  private func below(_ child: CommandSpec) -> PlacedCommand {
    PlacedCommand(
      command: child, path: path + [child.name], inherited: inherited + command.options,
      program: program)
  }
}

extension CommandSpec {
  var root: PlacedCommand {
    PlacedCommand(command: self, path: [], inherited: [], program: name)
  }
}

/// A shell that can complete our command lines.
public enum Shell: String, Sendable, CaseIterable {
  /// GNU Bash.
  case bash
  /// The Z shell.
  case zsh
  /// The friendly interactive shell.
  case fish
}

extension CommandSpec {
  /// A script that teaches `shell` every command, option and fixed value of the table whose root
  /// this is.
  ///
  /// Each follows the words typed so far down the tree of commands, passing over the values of
  /// options, and offers what can stand next. What only the running program knows it asks for with
  /// `PROGRAM __complete KIND`, one name a line.
  public func completionScript(for shell: Shell) -> String {
    let tree = root.listedTree
    switch shell {
    case .bash: return BashCompletion(program: name, tree: tree).script
    case .zsh: return ZshCompletion(program: name, tree: tree).script
    case .fish: return FishCompletion(program: name, tree: tree).script
    }
  }
}

extension PlacedCommand {
  /// The names below the program's own, as completion scripts keep track of them.
  var key: String { path.joined(separator: " ") }

  /// The keys under which a shell recognises that a value of ours comes next.
  func keys(of option: OptionSpec) -> [String] {
    option.spellings.map { "\(key) \($0)" }
  }

  var valueOptions: [OptionSpec] { options.filter { $0.valueName != nil } }
}

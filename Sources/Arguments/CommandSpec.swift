/// One command of a program, as data: parsing, help, completion and the manual page all come from it.
public struct CommandSpec: Sendable, Equatable {
  /// The word that a person types; of the root, the program's name.
  public var name: String
  /// What the command does, in one sentence.
  public var summary: String
  /// What else is worth knowing; paragraphs are separated by an empty line.
  public var discussion: String
  /// What follows the command's name in a usage line, where the words made from the table would not
  /// say enough; one line each.
  public var synopsis: [String]
  /// What is given by place; only the last may stand for several, and none beside subcommands.
  public var arguments: [ArgumentSpec]
  /// What is given by name, here and in every command below.
  public var options: [OptionSpec]
  /// Whole command lines that a person can type, each with its purpose.
  public var examples: [Entry]
  /// What an exit code means.
  public var exitCodes: [Entry]
  /// The variables of the environment that are read.
  public var environment: [Entry]
  /// The commands below this one, in the order in which they are listed.
  public var subcommands: [CommandSpec]
  /// Whether the command works, but is not listed.
  public var isHidden: Bool

  /// Describes a command.
  public init(
    _ name: String, _ summary: String, discussion: String = "", synopsis: [String] = [],
    arguments: [ArgumentSpec] = [], options: [OptionSpec] = [], examples: [Entry] = [],
    exitCodes: [Entry] = [], environment: [Entry] = [], subcommands: [CommandSpec] = [],
    isHidden: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.synopsis = synopsis
    self.arguments = arguments
    self.options = options
    self.examples = examples
    self.exitCodes = exitCodes
    self.environment = environment
    self.subcommands = subcommands
    self.isHidden = isHidden
  }

  /// Something by its name, and a sentence about it.
  public struct Entry: Sendable, Equatable {
    /// The command line, the code, the variable.
    public var name: String
    /// What it does or means.
    public var summary: String

    /// Describes something.
    public init(_ name: String, _ summary: String) {
      self.name = name
      self.summary = summary
    }
  }
}

import Arguments

/// `backfill completion`: teaches a shell the commands.
struct CompletionVerb: Verb {
  static let spec = CommandSpec(
    "completion", "Print a script that teaches a shell to complete commands.",
    arguments: [ArgumentSpec("SHELL", "The shell.", allowed: Shell.allCases.map(\.rawValue))],
    examples: [.init("source <(backfill completion bash)", "For this session of Bash")])

  private let shell: Shell

  init(_ invocation: Invocation) throws {
    shell = Shell(rawValue: try invocation.requiredArgument("SHELL")) ?? .bash
  }

  func run(in program: Program) throws -> ExitCode {
    try program.world.output.write(CommandTable.root.completionScript(for: shell))
    return .done
  }
}

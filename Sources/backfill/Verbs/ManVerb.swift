import Arguments

/// `backfill man`: the manual page.
struct ManVerb: Verb {
  static let spec = CommandSpec(
    "man", "Print the manual page.",
    examples: [.init("backfill man | man -l -", "Read the manual page")])

  init(_ invocation: Invocation) {}

  func run(in program: Program) throws -> ExitCode {
    try program.world.output.write(CommandTable.root.manualPage(version: Program.version))
    return .done
  }
}

import Arguments

/// A small program with everything that a table can hold.
let sampleTable = CommandSpec(
  "tool", "Moves windows of history.",
  discussion: """
    The first paragraph is long enough to be broken into several lines, because it goes on well \
    beyond the eighty columns of a screen.

    The second one isn't.
    """,
  options: [
    OptionSpec("database", .value("URL"), "Where the database is."),
    OptionSpec("json", .flag, "Print JSON."),
  ],
  examples: [.init("tool submit shop.orders --last 30d", "The last thirty days")],
  exitCodes: [.init("0", "Done."), .init("2", "Wrong usage.")],
  environment: [.init("DATABASE_URL", "The database, where --database is not given.")],
  subcommands: [
    CommandSpec(
      "submit", "Submit a backfill.",
      synopsis: ["STREAM (--from DATE | --last SPAN) [options]"],
      arguments: [ArgumentSpec("STREAM", "The stream.", completion: .names("streams"))],
      options: [
        OptionSpec("from", .value("DATE"), "The first day."),
        OptionSpec("last", .value("SPAN"), "So many complete days."),
        OptionSpec(
          "order", .value("ORDER"), "Which partitions come first.", standard: "oldest",
          allowed: ["oldest", "newest", "strict"]),
        OptionSpec("concurrency", .value("N"), "Partitions at once.", standard: "4"),
        OptionSpec("partition", .repeated("N"), "Only this partition."),
        OptionSpec("wait", letter: "w", .flag, "Wait for the end."),
      ],
      examples: [.init("tool submit shop.orders --from 2026-01-01", "Since New Year")]),
    CommandSpec(
      "apply", "Apply a file.",
      options: [OptionSpec("file", letter: "f", .value("FILE"), "The file.", completion: .files)]),
    CommandSpec(
      "show", "Show backfills.", arguments: [ArgumentSpec("ID", "Which one.", count: .any)]),
    CommandSpec(
      "completion", "Print a completion script.",
      arguments: [ArgumentSpec("SHELL", "The shell.", allowed: ["bash", "zsh", "fish"])]),
    CommandSpec(
      "tokens", "Manage tokens.",
      subcommands: [
        CommandSpec(
          "create", "Create a token.",
          arguments: [ArgumentSpec("NAME", "Its name.", count: .optional)],
          options: [
            OptionSpec("role", .value("ROLE"), "What it may do.", allowed: ["viewer", "admin"])
          ]
        ),
        CommandSpec("list", "List the tokens."),
      ]),
    CommandSpec(
      "__complete", "Print names for a shell.", arguments: [ArgumentSpec("KIND", "Which names.")],
      isHidden: true),
  ])

/// What a person typed after the program's name, split at spaces.
func parse(_ line: String) throws(UsageError) -> ParsedCommandLine {
  try sampleTable.parse(line.split(separator: " ").map(String.init))
}

/// The command that a line runs; anything else is an error of the test.
func invocation(_ line: String) throws -> Invocation {
  guard case .run(let invocation) = try parse(line) else {
    throw NotRun(line: line)
  }
  return invocation
}

struct NotRun: Error {
  let line: String
}

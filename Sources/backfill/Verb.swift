import Arguments

/// One command: its entry in the table, what was typed, and what it does.
///
/// Making one reads the whole command line, so that wrong usage is told before anything is touched.
protocol Verb: Sendable {
  /// The entry in the table of commands.
  static var spec: CommandSpec { get }

  init(_ invocation: Invocation) throws

  /// Does it.
  func run(in program: Program) async throws -> ExitCode
}

extension OptionSpec {
  /// Asks for documents instead of tables.
  static let json = OptionSpec("json", .flag, "Print JSON with stable names instead of text.")
  /// Names the database; known to every command.
  static let database = OptionSpec(
    "database", .value("URL"),
    "The database, as postgresql://USER@HOST:PORT/NAME, instead of DATABASE_URL.")
}

extension ArgumentSpec {
  /// The number of a backfill.
  static let backfill = ArgumentSpec(
    "ID", "The number of the backfill.", completion: .names("backfills"))
}

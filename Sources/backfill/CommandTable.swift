import Arguments

/// The table of commands, from which parsing, help, completion and the manual page are made.
enum CommandTable {
  /// The verbs, in the order in which help lists them.
  static let verbs: [any Verb.Type] = [
    ApplyVerb.self, SubmitVerb.self, ListVerb.self, ShowVerb.self, PartitionsVerb.self,
    AttemptsVerb.self, WatchVerb.self, VerifyVerb.self, CompareVerb.self,
    RetryVerb.self, PauseVerb.self, ResumeVerb.self,
    CancelVerb.self, SetVerb.self, RejectionsVerb.self, SourcesVerb.self, StreamsVerb.self,
    ConnectorsVerb.self, SubscriptionsVerb.self, NoticesVerb.self, WorkersVerb.self,
    WorkerVerb.self, MigrateVerb.self, DoctorVerb.self, CompletionVerb.self, ManVerb.self,
    DemoVerb.self,
    NamesVerb.self,
  ]

  /// The verb of a command.
  static func verb(at path: [String]) -> (any Verb.Type)? {
    verbs.first { path == [$0.spec.name] }
  }

  /// The program's own entry, above all verbs.
  static let root = CommandSpec(
    Program.name,
    "Brings windows of history from sources into PostgreSQL, and goes on after any crash.",
    discussion: """
      A backfill reads a window of history of one stream in partitions, several at once, retries by \
      itself only what failed, never writes a record twice, and goes on after any crash where it \
      was.

      Without --database, DATABASE_URL and the PG* variables, a private PostgreSQL is made and \
      started, so that every command works on a bare machine.
      """,
    options: [.database],
    examples: [
      .init("backfill demo", "See it work on a sample source"),
      .init("backfill apply -f shop.json5", "Say what there is to backfill"),
      .init(
        "backfill submit shop.orders --from 2026-01-01 --to 2026-04-01 --wait",
        "Backfill three months and wait for the end"),
      .init("backfill retry 1", "Try again what failed, and nothing else"),
    ],
    exitCodes: [
      .init("0", "Done."), .init("1", "The operation failed."), .init("2", "Wrong usage."),
      .init("3", "It ended, but not every partition succeeded."),
      .init("4", "The database or server cannot be reached."),
      .init("5", "The schema and the program do not fit; see backfill migrate."),
      .init("6", "The data differ."), .init("7", "Refused."),
    ],
    environment: [
      .init("DATABASE_URL", "The database, where --database is not given."),
      .init("PGHOST, PGDATABASE, …", "The database, in the manner of psql."),
      .init(
        "BACKFILL_HOME",
        "Where the private PostgreSQL lies; default ~/.backfill, of root /var/lib/backfill."),
      .init(
        "BACKFILL_PRIVATE_HOSTS",
        "Hosts of sources that may lie on private addresses, parted by commas; all others must be "
          + "public, or written as an address."),
      .init("NO_COLOR", "Not empty: no colours."),
    ],
    subcommands: verbs.map { $0.spec })
}

import Arguments
import Testing

@Suite struct HelpTextTests {
  @Test("the help of a command shows all that its table holds")
  func command() {
    #expect(
      sampleTable.helpText(of: ["submit"]) == """
        Submit a backfill.

        Usage:
          tool submit STREAM (--from DATE | --last SPAN) [options]

        Arguments:
          STREAM                The stream.

        Options:
          --from DATE           The first day.
          --last SPAN           So many complete days.
          --order ORDER         Which partitions come first. One of oldest, newest,
                                strict; default oldest.
          --concurrency N       Partitions at once. Default 4.
          --partition N         Only this partition. May be repeated.
          -w, --wait            Wait for the end.

        Options of every command:
          --database URL        Where the database is.
          --json                Print JSON.
          -h, --help            Show this help.

        Examples:
          # Since New Year
          tool submit shop.orders --from 2026-01-01

        """)
  }

  @Test("the help of the program lists the commands that are not hidden")
  func program() {
    #expect(
      sampleTable.helpText(of: []) == """
        Moves windows of history.

        Usage:
          tool COMMAND [options]

        The first paragraph is long enough to be broken into several lines, because it
        goes on well beyond the eighty columns of a screen.

        The second one isn't.

        Commands:
          submit                Submit a backfill.
          apply                 Apply a file.
          show                  Show backfills.
          completion            Print a completion script.
          tokens                Manage tokens.

        Options of every command:
          --database URL        Where the database is.
          --json                Print JSON.
          -h, --help            Show this help.
          --version             Show the version.

        Examples:
          # The last thirty days
          tool submit shop.orders --last 30d

        Exit codes:
          0                     Done.
          2                     Wrong usage.

        Environment:
          DATABASE_URL          The database, where --database is not given.

        Help on a command: tool COMMAND --help

        """)
  }

  @Test("usage shows what may be left out and what may be several")
  func usage() {
    #expect(sampleTable.helpText(of: ["show"]).contains("\n  tool show [ID...]\n"))
    let create = sampleTable.helpText(of: ["tokens", "create"])
    #expect(create.contains("\n  tool tokens create [NAME] [options]\n"))
    #expect(sampleTable.helpText(of: ["tokens"]).contains("\n  tool tokens COMMAND [options]\n"))
  }

  @Test("no line is wider than eighty columns, and none ends in a space")
  func width() {
    for path in [[], ["submit"], ["apply"], ["tokens", "create"]] {
      for line in sampleTable.helpText(of: path).split(separator: "\n") {
        #expect(line.count <= 80)
        #expect(!line.hasSuffix(" "))
      }
    }
  }
}

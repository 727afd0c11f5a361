import Arguments
import Glibc
import Processes
import Testing

@testable import backfill

/// What is told before any database is touched: here there is none.
@Suite struct UsageTests {
  private let program = BuiltProgram(
    folder: "/tmp", ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"])

  @Test("the table of commands has no fault")
  func table() {
    #expect(CommandTable.root.faults() == [])
  }

  @Test(
    "wrong usage ends with code 2 and one sentence that says what to do",
    arguments: [
      (["frobnicate"], "has no command \"frobnicate\""),
      (["lst"], "did you mean list?"),
      (["submit", "shop.orders", "--form", "2025-01-01"], "did you mean --from?"),
      (["submit", "shop.orders"], "The window is missing"),
      (["submit", "shop.orders", "--from", "2025-01-01"], "--to is missing"),
      (["submit", "--last", "3d"], "needs STREAM"),
      (["submit", "shop.orders", "--last", "3d", "--step", "0d"], "has no length"),
      (["submit", "shop.orders", "--last", "3d", "--step", "5m"], "minutes or months"),
      (
        ["submit", "shop.orders", "--last", "3d", "--time-zone", "Europe/Berlln"],
        "did you mean Europe/Berlin?"
      ),
      (["submit", "shop.orders", "--last", "3d", "--order", "newst"], "did you mean newest?"),
      (["submit", "shop.orders", "--last", "3d", "--wait", "--preview"], "cannot both be given"),
      (["submit", "shop.orders", "--last", "3d", "--concurrency", "0"], "from 1 to 100000"),
      (["show"], "needs ID"), (["show", "twelve"], "ID must be the number of a backfill"),
      (["show", "12", "13"], "does not know what to do with \"13\""),
      (["set", "12"], "needs --concurrency or --priority"),
      (["set", "12", "--concurrency", "many"], "or none"),
      (["retry", "12", "--partition", "0"], "must be the number of a partition"),
      (["rejections", "--discard"], "needs ID"),
      (["rejections", "1", "--discard", "--redrive"], "cannot both be given"),
      (["connectors", "file"], "did you mean files?"),
      (["completion", "bsh"], "did you mean bash?"),
      (["worker", "--log-level", "loud"], "must be debug, info, warning or error"),
      (["apply"], "needs --file"), (["apply", "-f", "/nowhere.json5"], "No such file"),
      (["apply", "-f", "/tmp"], "is a directory"),
      (["list", "--database", "postgresql://%zz"], "cannot be read"),
    ])
  func wrongUsage(words: [String], sentence: String) async throws {
    let answer = try await program.run(words)
    #expect(answer.code == 2, "\(answer)")
    #expect(answer.errors.contains(sentence), "\(answer)")
    #expect(answer.errors.hasPrefix("backfill: ") && answer.output.isEmpty, "\(answer)")
    #expect(answer.errors.split(separator: "\n").count == 1, "\(answer)")
  }

  @Test(
    "every command has help with an example", arguments: CommandTable.verbs.map { $0.spec.name })
  func help(verb: String) async throws {
    let answer = try await program(verb, "--help")
    #expect(answer.code == 0)
    #expect(answer.output.contains("Usage:\n  backfill \(verb)"), "\(answer)")
    #expect(verb.hasPrefix("__") || answer.output.contains("Examples:"), "\(answer)")
    #expect(try await program("help", verb).output == answer.output)
  }

  @Test("without a command the program shows its help, with exit codes")
  func bare() async throws {
    let answer = try await program()
    #expect(answer.code == 0)
    #expect(answer.output.contains("The schema and the program do not fit"))
    #expect(try await program("--version").output == "backfill \(Program.version)\n")
  }

  @Test("completion for Bash is a script that Bash takes and that offers the commands")
  func bashCompletion() async throws {
    let answer = try await program.shell(
      """
      source <(backfill completion bash) && COMP_WORDS=(backfill subm) COMP_CWORD=1 && _backfill \
      && echo "${COMPREPLY[@]}"
      """)
    #expect(answer.output == "submit\n", "\(answer)")
  }

  @Test("the manual page names every listed command")
  func manualPage() async throws {
    let page = try await program("man").output
    #expect(page.hasPrefix(".TH BACKFILL 1"))
    for verb in CommandTable.verbs where !verb.spec.isHidden {
      #expect(page.contains(".SS \(verb.spec.name)\n"), "\(verb.spec.name)")
    }
  }

  @Test("names for a shell are none where there is no database yet")
  func noNames() async throws {
    let bare = BuiltProgram(folder: "/tmp", ["BACKFILL_HOME": "/tmp/backfill-not-there"])
    let answer = try await bare("__complete", "streams")
    #expect(answer.code == 0 && answer.output.isEmpty && answer.errors.isEmpty, "\(answer)")
    #expect(access("/tmp/backfill-not-there", F_OK) != 0)
  }
}

import Arguments
import Testing

@Suite struct ParserTests {
  @Test("values come with a space or a sign, by long name or letter, before or after arguments")
  func values() throws {
    for line in [
      "submit shop.orders --from 2026-01-01 -w", "submit --wait --from=2026-01-01 shop.orders",
    ] {
      let invocation = try invocation(line)
      #expect(invocation.path == ["submit"])
      #expect(invocation.command == "tool submit")
      #expect(invocation.argument("STREAM") == "shop.orders")
      #expect(invocation.text("from") == "2026-01-01")
      #expect(invocation.has("wait"))
      #expect(!invocation.has("json"))
    }
    #expect(try invocation("apply -f a.json5").text("file") == "a.json5")
    #expect(try invocation("apply -f=a.json5").text("file") == "a.json5")
    #expect(try invocation("submit s --from=a=b").text("from") == "a=b")
    #expect(try invocation("submit s --from=").text("from") == "")
  }

  @Test("an option of a command is known to every command below it")
  func inherited() throws {
    #expect(try invocation("--database db tokens create --json").text("database") == "db")
    #expect(try invocation("tokens create --database db").text("database") == "db")
    #expect(try invocation("tokens --json list").has("json"))
  }

  @Test("what was not given has its standard value, or none")
  func standards() throws {
    let invocation = try invocation("submit s")
    #expect(invocation.text("order") == "oldest")
    #expect(invocation.text("from") == nil)
    #expect(invocation.texts("partition") == [])
  }

  @Test("a repeated option keeps its order, any other may be given once")
  func repeated() throws {
    #expect(
      try invocation("submit s --partition 3 --partition=1").texts("partition") == ["3", "1"])
    #expect(throws: UsageError(.repeated(option: "--from"), in: "tool submit")) {
      try parse("submit s --from a --from b")
    }
  }

  @Test("after two dashes everything is an argument; a lone dash and negative numbers are anyway")
  func dashes() throws {
    #expect(try invocation("show -- --json -x").arguments("ID") == ["--json", "-x"])
    #expect(try invocation("show - -5").arguments("ID") == ["-", "-5"])
    #expect(try invocation("submit s --concurrency -5").text("concurrency") == "-5")
    #expect(try invocation("apply --file -").text("file") == "-")
  }

  @Test("help is shown at every level, whatever else is wrong after it")
  func help() throws {
    for line in ["--help", "-h", "", "help"] {
      #expect(try parse(line) == .help(sampleTable.helpText(of: [])), "\(line)")
    }
    for line in ["tokens create --help", "help tokens create", "tokens create -h --nonsense"] {
      #expect(try parse(line) == .help(sampleTable.helpText(of: ["tokens", "create"])), "\(line)")
    }
    #expect(try parse("tokens --help") == .help(sampleTable.helpText(of: ["tokens"])))
  }

  @Test("the version is asked of the program, not of a command")
  func version() throws {
    #expect(try parse("--version") == .version)
    #expect(throws: UsageError.self) { try parse("submit s --version") }
  }

  @Test(
    "every mistake gets one sentence that says what to do",
    arguments: [
      ("sumbit s", "tool has no command \"sumbit\"; did you mean submit?"),
      ("zzz", "tool has no command \"zzz\"; see: tool --help"),
      ("tokens", "tool tokens needs one of the commands create and list; see: tool tokens --help"),
      ("tokens crate", "tool tokens has no command \"crate\"; did you mean create?"),
      ("--json", "tool needs a command; see: tool --help"),
      ("submit", "tool submit needs STREAM; see: tool submit --help"),
      ("submit s --form x", "tool submit has no option --form; did you mean --from?"),
      ("submit s --xyzzy", "tool submit has no option --xyzzy; see: tool submit --help"),
      ("submit s -q", "tool submit has no option -q; see: tool submit --help"),
      ("submit s --from", "--from needs a value; write --from DATE."),
      ("submit s --from --wait", "--from needs a value; write --from DATE."),
      ("submit s --wait=yes", "--wait takes no value; leave \"yes\" out."),
      ("submit s --from a --from b", "--from was given more than once; give it once."),
      (
        "submit s t", "tool submit does not know what to do with \"t\"; see: tool submit --help"
      ),
      (
        "submit s --order oldset",
        "--order must be oldest, newest or strict, but it is \"oldset\"; did you mean oldest?"
      ),
      ("completion tcsh", "SHELL must be bash, zsh or fish, but it is \"tcsh\"."),
      ("help nothing", "tool has no command \"nothing\"; see: tool --help"),
      ("help show me", "tool show does not know what to do with \"me\"; see: tool show --help"),
    ])
  func mistakes(line: String, sentence: String) throws {
    let error = try #require(throws: UsageError.self) { try parse(line) }
    #expect(error.description == sentence)
  }

  @Test("a hidden command works, but is never proposed")
  func hidden() throws {
    #expect(try invocation("__complete streams").argument("KIND") == "streams")
    let error = try #require(throws: UsageError.self) { try parse("__complet streams") }
    #expect(error.fault == .unknownCommand("__complet", nearest: nil))
  }
}

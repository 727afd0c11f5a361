import Arguments
import Testing

@Suite struct FaultsTests {
  @Test("a sound table has no faults")
  func sound() {
    #expect(sampleTable.faults() == [])
  }

  @Test("every kind of fault in a table is found, however deep it lies")
  func faults() {
    let inner = CommandSpec(
      "in ner", "No full stop",
      arguments: [
        ArgumentSpec("A", "Any.", count: .any), ArgumentSpec("B", "One."),
      ],
      options: [
        OptionSpec("help", .flag, "Again."),
        OptionSpec("flag", .flag, "A flag.", standard: "1"),
        OptionSpec("pick", .value("X"), "A choice.", standard: "c", allowed: ["a", "b;rm"]),
      ])
    let table = CommandSpec(
      "tool", "A tool.", arguments: [ArgumentSpec("A", "Any.")], subcommands: [inner])
    #expect(
      Set(table.faults()) == [
        "tool: it has arguments and subcommands",
        "tool in ner: --help is there twice",
        "tool in ner: A takes what B needs",
        "tool in ner: A may be left out, but B may not",
        "tool in ner: --flag is a flag with values",
        "tool in ner: the standard value of --pick is not allowed",
        "tool in ner: \"b;rm\" is not a plain word",
        "tool in ner: \"in ner\" is not a plain word",
        "tool in ner: \"No full stop\" is not one sentence on one line",
      ])
  }
}

/// What a command line asks for.
public enum ParsedCommandLine: Sendable, Equatable {
  /// To run a command.
  case run(Invocation)
  /// To be shown this help.
  case help(String)
  /// To be shown the program's version.
  case version
}

extension CommandSpec {
  /// Reads the words that follow the program's name, strictly by the table whose root this is.
  ///
  /// A request for help wins over whatever else is wrong after it.
  public func parse(_ words: [String]) throws(UsageError) -> ParsedCommandLine {
    if let helped = try parseHelpCommand(words) { return helped }
    var parser = Parser(at: root)
    for word in words {
      if let answer = try parser.take(word) { return answer }
    }
    return try parser.finish()
  }

  /// Reads `help COMMAND …` as the same wish as `COMMAND … --help`.
  private func parseHelpCommand(_ words: [String]) throws(UsageError) -> ParsedCommandLine? {
    guard words.first == "help", root.subcommand("help") == nil else { return nil }
    var place = root
    for word in words.dropFirst() {
      guard let next = place.subcommand(word) else { throw place.unknownCommand(word) }
      place = next
    }
    return .help(place.helpText)
  }
}

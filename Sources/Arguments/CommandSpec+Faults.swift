extension CommandSpec {
  /// What is wrong with the table itself, one sentence each; a test of the program keeps this empty.
  public func faults() -> [String] {
    everything(below: root).flatMap(\.faults)
  }

  private func everything(below place: PlacedCommand) -> [PlacedCommand] {
    [place]
      + place.command.subcommands.compactMap { place.subcommand($0.name) }
      .flatMap { everything(below: $0) }
  }
}

extension PlacedCommand {
  fileprivate var faults: [String] {
    (nameFaults + argumentFaults + valueFaults + textFaults).map { "\(fullName): \($0)" }
  }

  private var nameFaults: [String] {
    let names = options.flatMap(\.spellings) + command.subcommands.map(\.name)
    return repeated(names).map { "\($0) is there twice" }
      + repeated(command.arguments.map(\.name)).map { "\($0) is there twice" }
  }

  private var argumentFaults: [String] {
    var faults: [String] = []
    if !command.arguments.isEmpty, !command.subcommands.isEmpty {
      faults.append("it has arguments and subcommands")
    }
    for (argument, next) in zip(command.arguments, command.arguments.dropFirst()) {
      if argument.count.isSeveral {
        faults.append("\(argument.name) takes what \(next.name) needs")
      }
      if !argument.count.isRequired, next.count.isRequired {
        faults.append("\(argument.name) may be left out, but \(next.name) may not")
      }
    }
    return faults
  }

  /// Shells split and expand words, so the words that they are to offer must be plain.
  private var valueFaults: [String] {
    var faults: [String] = []
    for option in command.options {
      if option.valueName == nil, option.standard != nil || !option.allowed.isEmpty {
        faults.append("--\(option.name) is a flag with values")
      }
      if let standard = option.standard, !option.allowed.isEmpty, !option.allowed.contains(standard)
      {
        faults.append("the standard value of --\(option.name) is not allowed")
      }
    }
    let words = command.options.flatMap(\.allowed) + command.arguments.flatMap(\.allowed)
    let names = [command.name] + command.options.map(\.name)
    return faults + (words + names).filter { !isPlain($0) }.map { "\"\($0)\" is not a plain word" }
  }

  private var textFaults: [String] {
    let summaries =
      [command.summary] + command.options.map(\.summary) + command.arguments.map(\.summary)
    return summaries.filter { !$0.hasSuffix(".") || $0.contains("\n") }
      .map { "\"\($0)\" is not one sentence on one line" }
  }

  private func repeated(_ names: [String]) -> Set<String> {
    var seen: Set<String> = []
    return Set(names.filter { !seen.insert($0).inserted })
  }

  private func isPlain(_ word: String) -> Bool {
    !word.isEmpty
      && word.utf8.allSatisfy { byte in
        let character = Character(UnicodeScalar(byte))
        return byte < 128
          && (character.isLetter || character.isNumber || "-_.:".contains(character))
      }
  }
}

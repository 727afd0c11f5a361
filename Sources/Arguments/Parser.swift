import Spelling

/// Takes the words of a command line one after the other.
struct Parser {
  private var place: PlacedCommand
  private var options: [String: [String]] = [:]
  private var positional: [String] = []
  private var awaitingValue: (option: OptionSpec, spelling: String)?
  private var onlyArgumentsFollow = false

  init(at place: PlacedCommand) {
    self.place = place
  }

  /// Takes the next word; an answer ends the reading.
  mutating func take(_ word: String) throws(UsageError) -> ParsedCommandLine? {
    if let (option, spelling) = awaitingValue {
      guard !looksLikeOption(word) else { throw missingValue(of: option, spelling) }
      awaitingValue = nil
      try store(word, for: option, spelling)
    } else if onlyArgumentsFollow || !looksLikeOption(word) {
      try takeArgument(word)
    } else if word == "--" {
      onlyArgumentsFollow = true
    } else {
      return try takeOption(word)
    }
    return nil
  }

  func finish() throws(UsageError) -> ParsedCommandLine {
    if let (option, spelling) = awaitingValue { throw missingValue(of: option, spelling) }
    guard !place.command.subcommands.isEmpty else {
      return .run(Invocation(place: place, options: options, arguments: try assigned()))
    }
    guard place.path.isEmpty else {
      throw place.error(.missingCommand(among: place.listedSubcommands.map(\.command.name)))
    }
    guard options.isEmpty else { throw place.error(.missing("a command")) }
    return .help(place.helpText)
  }

  /// A single dash stands for standard input, and a dash before a digit for a negative number.
  private func looksLikeOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-" else { return false }
    return !(word.dropFirst().first?.isNumber ?? false)
  }

  private mutating func takeOption(_ word: String) throws(UsageError) -> ParsedCommandLine? {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelling = String(parts[0])
    let value = parts.count > 1 ? String(parts[1]) : nil
    guard let option = place.options.first(where: { $0.spellings.contains(spelling) }) else {
      throw unknownOption(spelling)
    }
    if option == .help { return .help(place.helpText) }
    if option == .version, place.path.isEmpty { return .version }
    switch (option.valueName, value) {
    case (nil, nil): options[option.name, default: []] = [""]
    case (nil, let value?): throw place.error(.needlessValue(option: spelling, value: value))
    case (_?, let value?): try store(value, for: option, spelling)
    case (_?, nil): awaitingValue = (option, spelling)
    }
    return nil
  }

  private mutating func store(
    _ value: String, for option: OptionSpec, _ spelling: String
  ) throws(UsageError) {
    try check(value, against: option.allowed, name: spelling)
    if case .value = option.kind, options[option.name] != nil {
      throw place.error(.repeated(option: spelling))
    }
    options[option.name, default: []].append(value)
  }

  private mutating func takeArgument(_ word: String) throws(UsageError) {
    guard !place.command.subcommands.isEmpty else {
      positional.append(word)
      return
    }
    guard let next = place.subcommand(word) else { throw place.unknownCommand(word) }
    place = next
  }

  /// The given arguments by name; the last name takes all that are left if it may.
  private func assigned() throws(UsageError) -> [String: [String]] {
    var left = positional[...]
    var assigned: [String: [String]] = [:]
    for argument in place.command.arguments {
      let share = argument.count.isSeveral ? left : left.prefix(1)
      guard !share.isEmpty || !argument.count.isRequired else {
        throw place.error(.missing(argument.name))
      }
      for value in share { try check(value, against: argument.allowed, name: argument.name) }
      assigned[argument.name] = Array(share)
      left = left.dropFirst(share.count)
    }
    if let surplus = left.first { throw place.error(.surplus(value: surplus)) }
    return assigned
  }

  private func check(
    _ value: String, against allowed: [String], name: String
  ) throws(UsageError) {
    guard allowed.isEmpty || allowed.contains(value) else {
      let nearest = nearestName(to: value, among: allowed)
      throw place.error(
        .notAllowed(name: name, value: value, allowed: allowed, nearest: nearest))
    }
  }

  private func unknownOption(_ spelling: String) -> UsageError {
    let nearest = nearestName(to: spelling, among: place.options.flatMap(\.spellings))
    return place.error(.unknownOption(spelling, nearest: nearest))
  }

  private func missingValue(of option: OptionSpec, _ spelling: String) -> UsageError {
    place.error(.missingValue(option: spelling, valueName: option.valueName ?? "VALUE"))
  }
}

extension PlacedCommand {
  func error(_ fault: UsageError.Fault) -> UsageError {
    UsageError(fault, in: fullName)
  }

  func unknownCommand(_ name: String) -> UsageError {
    guard !command.subcommands.isEmpty else { return error(.surplus(value: name)) }
    let nearest = nearestName(to: name, among: listedSubcommands.map(\.command.name))
    return error(.unknownCommand(name, nearest: nearest))
  }
}

/// What is wrong with a command line.
public struct UsageError: Error, Sendable, Equatable {
  /// What was found.
  public let fault: Fault
  /// The command that was being read, with the program's name.
  public let command: String

  /// Says that a value does not suit the command in a way that the table cannot know.
  public init(_ fault: Fault, in command: String) {
    self.fault = fault
    self.command = command
  }

  /// The things that can be wrong; options carry their dashes, arguments their capitals.
  public enum Fault: Sendable, Equatable {
    /// No command has this name; `nearest` is what was probably meant.
    case unknownCommand(String, nearest: String?)
    /// No option has this name; `nearest` is what was probably meant.
    case unknownOption(String, nearest: String?)
    /// A command that does nothing by itself was given without one of its own.
    case missingCommand(among: [String])
    /// An argument or option that is needed was not given.
    case missing(String)
    /// An option that takes a value was given without.
    case missingValue(option: String, valueName: String)
    /// A flag was given a value.
    case needlessValue(option: String, value: String)
    /// An option that holds one value was given again.
    case repeated(option: String)
    /// More arguments than the command takes.
    case surplus(value: String)
    /// A value is none of those allowed; `nearest` is what was probably meant.
    case notAllowed(name: String, value: String, allowed: [String], nearest: String?)
    /// A value does not read as what is expected, such as "a number from 1 to 8".
    case unreadable(name: String, value: String, expected: String)
    /// Two things were given of which only one can hold.
    case conflict(String, String)
  }
}

extension UsageError: CustomStringConvertible {
  /// One sentence that says what is wrong and what to do.
  public var description: String {
    switch fault {
    case .unknownCommand(let name, let nearest):
      "\(command) has no command \"\(name)\"; \(suggestion(nearest))"
    case .unknownOption(let name, let nearest):
      "\(command) has no option \(name); \(suggestion(nearest))"
    case .missingCommand(let names):
      "\(command) needs one of the commands \(listed(names, joinedBy: "and")); \(seeHelp)"
    case .missing(let name):
      "\(command) needs \(name); \(seeHelp)"
    case .missingValue(let option, let valueName):
      "\(option) needs a value; write \(option) \(valueName)."
    case .needlessValue(let option, let value):
      "\(option) takes no value; leave \"\(value)\" out."
    case .repeated(let option):
      "\(option) was given more than once; give it once."
    case .surplus(let value):
      "\(command) does not know what to do with \"\(value)\"; \(seeHelp)"
    case .notAllowed(let name, let value, let allowed, let nearest):
      """
      \(name) must be \(listed(allowed, joinedBy: "or")), but it is "\(value)"\
      \(nearest.map { "; did you mean \($0)?" } ?? ".")
      """
    case .unreadable(let name, let value, let expected):
      "\(name) must be \(expected), but it is \"\(value)\"."
    case .conflict(let one, let other):
      "\(one) and \(other) cannot both be given; leave one out."
    }
  }

  private var seeHelp: String { "see: \(command) --help" }

  private func suggestion(_ nearest: String?) -> String {
    nearest.map { "did you mean \($0)?" } ?? seeHelp
  }
}

/// The names in a row, with `word` before the last.
private func listed(_ names: [String], joinedBy word: String) -> String {
  guard names.count > 1, let last = names.last else { return names.first ?? "" }
  return "\(names.dropLast().joined(separator: ", ")) \(word) \(last)"
}

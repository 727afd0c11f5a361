/// A command that is to be run, with everything that was given to it.
///
/// Asking for an option or argument that the command's table does not have is a fault of the
/// program, not of the person, and ends it.
public struct Invocation: Sendable, Equatable {
  /// The names of the command from below the program's name on, such as `["tokens", "create"]`.
  public let path: [String]
  /// The words that name the command, with the program's name.
  public let command: String

  private let specs: [OptionSpec]
  private let argumentNames: Set<String>
  private let options: [String: [String]]
  private let arguments: [String: [String]]

  init(place: PlacedCommand, options: [String: [String]], arguments: [String: [String]]) {
    path = place.path
    command = place.fullName
    specs = place.options
    argumentNames = Set(place.command.arguments.map(\.name))
    self.options = options
    self.arguments = arguments
  }

  /// Whether the option was given, be it a flag or one with a value.
  public func has(_ option: String) -> Bool {
    options[spec(option).name] != nil
  }

  /// The value of an option, or its standard value where it was not given.
  public func text(_ option: String) -> String? {
    options[spec(option).name]?.last ?? spec(option).standard
  }

  /// The values of an option that may be repeated, in their order.
  public func texts(_ option: String) -> [String] {
    options[spec(option).name] ?? spec(option).standard.map { [$0] } ?? []
  }

  /// The value of an option that cannot be left out.
  public func requiredText(_ option: String) throws(UsageError) -> String {
    guard let text = text(option) else { throw error(.missing("--\(option)")) }
    return text
  }

  /// A whole number within bounds; nil where the option was not given and has no standard value.
  public func integer(
    _ option: String, in bounds: ClosedRange<Int>
  ) throws(UsageError) -> Int? {
    try value(option, expecting: Self.expectation(bounds)) { text in
      Int(text).flatMap { bounds.contains($0) ? $0 : nil }
    }
  }

  /// A value of any kind; `read` answers nil to what does not read as `expected`, which ends a
  /// sentence that begins with "must be".
  public func value<Value>(
    _ option: String, expecting expected: String, read: (String) -> Value?
  ) throws(UsageError) -> Value? {
    guard let text = text(option) else { return nil }
    return try value(of: text, named: "--\(option)", expecting: expected, read: read)
  }

  /// Every value of an option that may be repeated, read as in `value`.
  public func values<Value>(
    _ option: String, expecting expected: String, read: (String) -> Value?
  ) throws(UsageError) -> [Value] {
    var values: [Value] = []
    for text in texts(option) {
      values.append(try value(of: text, named: "--\(option)", expecting: expected, read: read))
    }
    return values
  }

  /// The argument of this name; nil if it was left out.
  public func argument(_ name: String) -> String? {
    arguments(name).first
  }

  /// All that was given for an argument that may stand for several.
  public func arguments(_ name: String) -> [String] {
    precondition(argumentNames.contains(name), "\(command) has no argument \(name) in its table")
    return arguments[name] ?? []
  }

  /// The argument of this name, which the table says cannot be left out.
  public func requiredArgument(_ name: String) throws(UsageError) -> String {
    guard let text = argument(name) else { throw error(.missing(name)) }
    return text
  }

  /// An argument read as in `value`; nil if it was left out.
  public func argument<Value>(
    _ name: String, expecting expected: String, read: (String) -> Value?
  ) throws(UsageError) -> Value? {
    guard let text = argument(name) else { return nil }
    return try value(of: text, named: name, expecting: expected, read: read)
  }

  /// Refuses two options of which only one can hold.
  public func refuseBoth(_ one: String, _ other: String) throws(UsageError) {
    guard has(one), has(other) else { return }
    throw error(.conflict("--\(one)", "--\(other)"))
  }

  /// A fault that only the command itself can see.
  public func error(_ fault: UsageError.Fault) -> UsageError {
    UsageError(fault, in: command)
  }

  private func value<Value>(
    of text: String, named name: String, expecting expected: String, read: (String) -> Value?
  ) throws(UsageError) -> Value {
    guard let value = read(text) else {
      throw error(.unreadable(name: name, value: text, expected: expected))
    }
    return value
  }

  private static func expectation(_ bounds: ClosedRange<Int>) -> String {
    switch (bounds.lowerBound, bounds.upperBound) {
    case (.min, .max): "a whole number"
    case (let least, .max): "a whole number of at least \(least)"
    case (.min, let most): "a whole number of at most \(most)"
    case (let least, let most): "a whole number from \(least) to \(most)"
    }
  }

  private func spec(_ option: String) -> OptionSpec {
    guard let spec = specs.first(where: { $0.name == option }) else {
      preconditionFailure("\(command) has no option --\(option) in its table")
    }
    return spec
  }
}

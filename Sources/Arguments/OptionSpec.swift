/// One option that is given by its name.
public struct OptionSpec: Sendable, Equatable {
  /// The long name, without its two dashes.
  public var name: String
  /// The one letter that may be written instead, with one dash.
  public var letter: Character?
  /// Whether it takes a value, and how often it may be given.
  public var kind: Kind
  /// What it does, in one sentence.
  public var summary: String
  /// What holds where it is not given; nil if nothing does.
  public var standard: String?
  /// The only values that are taken; any if empty.
  public var allowed: [String]
  /// What a shell offers for its value, beside the allowed ones.
  public var completion: Completion

  /// Describes an option.
  public init(
    _ name: String, letter: Character? = nil, _ kind: Kind, _ summary: String,
    standard: String? = nil, allowed: [String] = [], completion: Completion = .nothing
  ) {
    self.name = name
    self.letter = letter
    self.kind = kind
    self.summary = summary
    self.standard = standard
    self.allowed = allowed
    self.completion = completion
  }

  /// Whether an option takes a value, with the value's name in capitals.
  public enum Kind: Sendable, Equatable {
    /// It is there or not.
    case flag
    /// It takes one value, once.
    case value(String)
    /// It takes one value each time it is given.
    case repeated(String)
  }

  var valueName: String? {
    switch kind {
    case .flag: nil
    case .value(let name), .repeated(let name): name
    }
  }

  /// Every way to write its name, dashes included.
  var spellings: [String] {
    (letter.map { ["-\($0)"] } ?? []) + ["--\(name)"]
  }

  /// Asks for the help of whatever command it follows.
  static let help = OptionSpec("help", letter: "h", .flag, "Show this help.")
  /// Asks for the program's version; known to the root only.
  static let version = OptionSpec("version", .flag, "Show the version.")
}

/// One argument that is given by its place.
public struct ArgumentSpec: Sendable, Equatable {
  /// The name in capitals, as in usage lines.
  public var name: String
  /// What it is, in one sentence.
  public var summary: String
  /// How many may be given.
  public var count: Count
  /// The only values that are taken; any if empty.
  public var allowed: [String]
  /// What a shell offers for it, beside the allowed values.
  public var completion: Completion

  /// Describes an argument.
  public init(
    _ name: String, _ summary: String, count: Count = .one, allowed: [String] = [],
    completion: Completion = .nothing
  ) {
    self.name = name
    self.summary = summary
    self.count = count
    self.allowed = allowed
    self.completion = completion
  }

  /// How many values an argument stands for.
  public enum Count: Sendable {
    /// Exactly one.
    case one
    /// None or one.
    case optional
    /// One or more.
    case some
    /// Any number.
    case any

    var isRequired: Bool { self == .one || self == .some }
    var isSeveral: Bool { self == .some || self == .any }
  }
}

/// What a shell offers while a value is being typed.
public enum Completion: Sendable, Equatable {
  /// Nothing that we know of.
  case nothing
  /// Names of files.
  case files
  /// Names of directories.
  case directories
  /// The lines that `PROGRAM __complete KIND` prints, such as the streams that exist.
  case names(String)
}

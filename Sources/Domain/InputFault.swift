/// Why an input of a person is refused: the facts; `message` says them in one sentence.
public enum InputFault: Error, Hashable, Sendable {
  /// A text that should be a step or a stretch of time is neither.
  case badSpan(String, SpanUse, SpanProblem)
  /// The step has no length.
  case zeroStep(String)
  /// The step is longer than the longest of its unit.
  case stepTooLong(String, largest: String)

  /// The zone is no IANA name, or none that is known; with the name that was probably meant.
  case unknownZone(String, nearest: String?)

  /// The window asked for cannot be used.
  case window(WindowProblem)

  /// The window has more partitions than one backfill may have.
  case tooManyPartitions(about: Int, step: Step)

  /// A key template cannot be used.
  case badKey(String, KeyProblem)
  /// A secret stands in the text itself instead of a reference to it.
  case literalSecret
  /// A reference to a secret has the form `env:` or `file:`, but what follows cannot be one.
  case badSecretReference(String)
}

extension InputFault {
  /// A bound of a window, by the option that gives it.
  public enum Bound: String, Hashable, Sendable {
    case from = "--from"
    case to = "--to"
  }

  /// Why a window cannot be used.
  public enum WindowProblem: Hashable, Sendable {
    /// A bound is neither a date nor a time.
    case badBound(Bound, String)
    /// A bound names a day that the calendar does not have.
    case noSuchDay(Bound, String)
    /// A bound has a time of day, and nothing says where.
    case boundWithoutZone(Bound, String)
    /// A bound lies before 1900.
    case tooEarly(String)
    /// One of the two bounds was not given.
    case missingBound(Bound)
    /// Neither bound was given, nor `--last`.
    case missing
    /// A bound and `--last` were given.
    case boundsAndLast
    /// `--last` asks for nothing.
    case lastOfNothing(String)
    /// The window ends where it begins.
    case empty(from: String, nextDay: CivilDate)
    /// The days of the window do not exist in the zone, whose clocks skipped them.
    case skipped(from: String, to: String, zone: String)
    /// The window ends before it begins.
    case reversed(from: String, to: String)
    /// The window ends after now.
    case inFuture(to: String, now: WallTime, zone: String)
  }

  /// What a number with a unit was wanted for.
  public enum SpanUse: Hashable, Sendable {
    case step
    case last
  }

  /// Why a text is no number with a unit.
  public enum SpanProblem: Hashable, Sendable {
    case form
    case negative
    case minutesOrMonths
    case tooLarge
  }

  /// Why a text cannot be a key template.
  public enum KeyProblem: Hashable, Sendable {
    case empty
    case tooLong(limit: Int)
    case noField
    case tooManyFields(limit: Int)
    case unclosedBrace
    case unopenedBrace
    case badField(String)
    case controlCharacter
    /// Two fields touch, so that `1` and `23` would make the same key as `12` and `3`.
    case fieldsTouch(String, String)
    /// The field names where a record lies or when it was read, which differs from read to read.
    case position(String)
    /// The field is the stream's event time or version, which may differ between two reads.
    case time(String)
  }
}

extension InputFault: CustomStringConvertible {
  /// The message.
  public var description: String { message }

  /// One sentence: what is wrong, and what to write instead.
  public var message: String {
    switch self {
    case .badSpan(let text, let use, let problem): Self.badSpan(text, use, problem)
    case .zeroStep(let text): "A step of \(text) has no length; write 1d for a partition per day."
    case .stepTooLong(let text, let largest):
      "A step of \(text) is too long; the longest of this unit is \(largest)."
    case .unknownZone(let name, let nearest): Self.unknownZone(name, nearest)
    case .tooManyPartitions(let count, let step):
      """
      The window makes about \(Wording.number(count)) partitions of \(step), and a backfill may have \
      1,000,000; choose a longer step or a shorter window.
      """
    case .badKey(let text, let problem):
      "The key \(Wording.quoted(text)) cannot be used: \(Self.badKey(problem))."
    case .literalSecret:
      """
      A secret is not written here; name where it is found, as env:NAME for a variable of the \
      environment or file:/path for a file.
      """
    case .badSecretReference(let text):
      """
      \(Wording.quoted(text)) does not say where the secret is; write env:NAME with letters, digits and _, \
      or file: with a path from the root.
      """
    case .window(let problem): Self.window(problem)
    }
  }

  private static func window(_ problem: WindowProblem) -> String {
    switch problem {
    case .badBound(let bound, let text):
      """
      \(bound.rawValue) must be a date such as 2024-03-01, or a time such as 2024-03-01T06:00, \
      and not \(Wording.quoted(text)).
      """
    case .noSuchDay(let bound, let text):
      "\(bound.rawValue) names a day that does not exist: \(Wording.quoted(text))."
    case .boundWithoutZone(let bound, let text):
      """
      \(bound.rawValue) \(text) does not say in which zone; add Z or an offset such as +02:00, \
      or give --time-zone.
      """
    case .tooEarly(let text): "\(text) lies before 1900; a window begins in 1900 or later."
    case .missingBound(let bound):
      "\(bound.rawValue) is missing; a window has two bounds, or --last 30d instead."
    case .missing: "The window is missing; give --from and --to, or --last 30d."
    case .boundsAndLast: "--last stands for both bounds; leave out --from and --to, or --last."
    case .lastOfNothing(let text):
      "--last \(text) is an empty window; write --last 1d for the last complete day."
    case .empty(let from, let nextDay):
      """
      The window is empty, for --to is not part of it; to take in \(from), write --to \(nextDay).
      """
    case .skipped(let from, let to, let zone):
      "The window is empty: the clocks of \(zone) went straight from \(from) to \(to)."
    case .reversed(let from, let to):
      "The window ends (\(to)) before it begins (\(from)); exchange --from and --to."
    case .inFuture(let to, let now, let zone):
      """
      The window ends in the future: --to is \(to), and in \(zone) it is \(now.date) \
      \(now.minutes); the last complete day ends with --to \(now.date).
      """
    }
  }

  private static func badSpan(_ text: String, _ use: SpanUse, _ problem: SpanProblem) -> String {
    let what = use == .step ? "A step" : "--last"
    let examples = use == .step ? "30min, 6h, 1d, 1w or 1mo" : "30d, 12h, 4w or 3mo"
    return switch problem {
    case .form: "\(what) is written as \(examples), and not \(Wording.quoted(text))."
    case .negative: "\(what) cannot be negative; it is written as \(examples)."
    case .minutesOrMonths:
      "\(Wording.quoted(text)) could be minutes or months; write \(text)in or \(text)o."
    case .tooLarge: "\(what) of \(text) is too long."
    }
  }

  private static func unknownZone(_ name: String, _ nearest: String?) -> String {
    let hint = nearest.map { "did you mean \($0)?" } ?? "it is written as Europe/Berlin."
    return "\(Wording.quoted(name)) is not the name of a time zone; \(hint)"
  }

  private static func badKey(_ problem: KeyProblem) -> String {
    switch problem {
    case .empty: "it is empty; write one such as shop:order:{order_id}"
    case .tooLong(let limit): "it is longer than \(limit) characters"
    case .noField: "it names no field of the record, such as {id}"
    case .tooManyFields(let limit): "it names more than \(limit) fields"
    case .unclosedBrace: "a { is not closed; a brace that is meant as text is written {{"
    case .unopenedBrace: "a } is not opened; a brace that is meant as text is written }}"
    case .badField(let field):
      "\(Wording.quoted(field)) is no path to a field; write {id}, or {data.id} for a field in an object"
    case .controlCharacter: "it holds a control character"
    case .fieldsTouch(let left, let right):
      "{\(left)} and {\(right)} touch, so that different records could share a key; put : between"
    case .position(let field):
      "{\(field)} says where or when a record was read, which is another each time"
    case .time(let field):
      "{\(field)} is a time or version of the record and may change; name what identifies it"
    }
  }
}

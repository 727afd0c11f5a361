public import JSON

/// Why a record was rejected.
public enum RejectionReason: Hashable, Sendable {
  /// The record itself is flawed.
  case flaw(RecordFlaw)
  /// A field of the key is missing, null or empty.
  case keyMissing
  /// A field of the key is neither text nor a number.
  case keyOfWrongKind
  /// The key is longer than 1,024 bytes.
  case keyTooLong
  /// The event time is missing or not written as the stream's definition says.
  case eventTimeUnreadable
  /// The version is missing or not written as the stream's definition says.
  case versionUnreadable
  /// A measure is no number, or one of more than 38 digits.
  case amountUnreadable(measure: String)
  /// The currency of a measure is missing or none.
  case currencyUnreadable(measure: String)

  /// The stable name.
  public var name: String {
    switch self {
    case .flaw(let flaw): flaw.rawValue
    case .keyMissing: "key_missing"
    case .keyOfWrongKind: "key_of_wrong_kind"
    case .keyTooLong: "key_too_long"
    case .eventTimeUnreadable: "event_time_unreadable"
    case .versionUnreadable: "version_unreadable"
    case .amountUnreadable: "amount_unreadable"
    case .currencyUnreadable: "currency_unreadable"
    }
  }

  /// Whether the record may be taken once the stream's definition is mended.
  public var isRetryable: Bool {
    if case .flaw = self { false } else { true }
  }

  /// One sentence for people.
  public var message: String {
    switch self {
    case .flaw(let flaw): flaw.message
    case .keyMissing: "A field of the idempotency key is missing, null or empty."
    case .keyOfWrongKind: "A field of the idempotency key is neither text nor a number."
    case .keyTooLong: "The idempotency key is longer than 1,024 bytes."
    case .eventTimeUnreadable:
      "The event time is missing or not written as the stream's definition says."
    case .versionUnreadable:
      "The version is missing or not written as the stream's definition says."
    case .amountUnreadable(let measure):
      "The measure \(measure) is not a number of at most 38 digits."
    case .currencyUnreadable(let measure):
      "The currency of the measure \(measure) is missing or not one to eight letters."
    }
  }
}

extension RecordFlaw {
  /// One sentence for people.
  public var message: String {
    switch self {
    case .notAnObject: "The record is not a JSON object."
    case .malformed: "The record cannot be read: it is not JSON, or its columns do not match."
    case .nulCharacter: "A text holds the character U+0000, which PostgreSQL cannot store."
    case .loneSurrogate: "A text holds half of a surrogate pair, which is no character."
    case .invalidUTF8: "The record holds bytes that are not UTF-8."
    case .tooDeep: "The record is nested deeper than 128 levels."
    case .tooLarge: "The record is longer than 16 MiB."
    case .numberOutOfRange: "A number is beyond what PostgreSQL's numeric can hold."
    case .duplicateKey: "An object of the record names the same key twice."
    }
  }
}

public import JSON

/// What is kept of a stream and how: the part of the applied file that every connector shares.
public struct StreamDefinition: Hashable, Sendable {
  /// The full name, `source.stream`.
  public var name: String
  /// How a record's idempotency key is made.
  public var key: KeyTemplate
  /// The field by which a record belongs to a window.
  public var eventTime: TimeField
  /// The field that orders two payloads of one key; nil where the later read wins.
  public var version: VersionField?
  /// The answer to a key seen before with another payload.
  public var policy: Policy
  /// Fields left out when two payloads of one key are compared.
  public var exclude: [JSONPath]
  /// The numbers worth summing.
  public var measures: [MeasureDefinition]
  /// The zone in which days are counted, an IANA name.
  public var timeZone: String
  /// The length of a partition, unless a submit says otherwise.
  public var step: Step
  /// Words by which subscriptions choose streams, such as `finance`.
  public var tags: [String]
  /// The share of rejected records, 0...1, above which a partition does not succeed.
  public var rejectLimit: Double
  /// How often and how patiently partitions are tried again.
  public var retry: RetryRule
  /// How the source is asked again to verify, as only the connectors understand it; an empty object
  /// where nothing is said.
  public var verify: JSONValue
  /// What the connector alone understands of the stream.
  public var settings: JSONValue

  /// A stream; what is not given is as in an applied file that does not say.
  public init(
    name: String, key: KeyTemplate, eventTime: TimeField, version: VersionField? = nil,
    policy: Policy = .keepFirst, exclude: [JSONPath] = [], measures: [MeasureDefinition] = [],
    timeZone: String = "UTC", step: Step = .days(1), tags: [String] = [],
    rejectLimit: Double = 0.05, retry: RetryRule = .standard, verify: JSONValue = [:],
    settings: JSONValue = [:]
  ) {
    self.name = name
    self.key = key
    self.eventTime = eventTime
    self.version = version
    self.policy = policy
    self.exclude = exclude
    self.measures = measures
    self.timeZone = timeZone
    self.step = step
    self.tags = tags
    self.rejectLimit = rejectLimit
    self.retry = retry
    self.verify = verify
    self.settings = settings
  }

  /// The fields that must be sliced out of every record, in the order that `layout` numbers them.
  public var fields: [JSONPath] { layout.fields }

  /// Where each part of the definition finds its field among `fields`.
  public var layout: RecordLayout { RecordLayout(self) }
}

/// The answer to a key seen before with another payload.
public enum Policy: String, CaseIterable, Sendable {
  /// The first write stays.
  case keepFirst = "keep_first"
  /// The next version is written, unless the source says that it is older.
  case newVersion = "new_version"
  /// The record is rejected as a duplicate.
  case reject
}

/// A field that holds a time, and how it is written there.
public struct TimeField: Hashable, Sendable {
  /// How a time is written.
  public enum Format: String, CaseIterable, Sendable {
    /// Seconds since 1970, a number or digits in a string.
    case epochSeconds = "epoch_seconds"
    /// Milliseconds since 1970, a number or digits in a string.
    case epochMilliseconds = "epoch_milliseconds"
    /// RFC 3339 with an offset or `Z`, up to microseconds; finer digits are cut.
    case rfc3339
    /// `2024-03-01` or `2024-03-01 10:20:30[.ffffff]` (or with `T`) on the wall clock of `zone`.
    case local
  }

  /// Where the field lies.
  public var path: JSONPath
  /// How it is written.
  public var format: Format
  /// The zone of a `local` time, an IANA name; `UTC` for the other formats.
  public var zone: String

  /// A field that holds a time.
  public init(path: JSONPath, format: Format = .rfc3339, zone: String = "UTC") {
    self.path = path
    self.format = format
    self.zone = zone
  }
}

/// A field that orders the payloads of one key: a time or a whole number.
public enum VersionField: Hashable, Sendable {
  /// A time; the later one is newer.
  case time(TimeField)
  /// A whole number of 64 bits; the larger one is newer.
  case number(JSONPath)
}

/// A number of a record that is worth summing per day and currency.
public struct MeasureDefinition: Hashable, Sendable {
  /// Where a currency comes from.
  public enum Currency: Hashable, Sendable {
    /// Always this one, an ISO 4217 code or another unit in upper case.
    case fixed(String)
    /// From a field of the record.
    case field(JSONPath)
  }

  /// The name under which it is kept, such as `amount`.
  public var name: String
  /// Where the number lies.
  public var path: JSONPath
  /// Its currency.
  public var currency: Currency
  /// How many decimal places the written number is shifted right: 2 where it is in cents.
  public var scale: MeasureScale
  /// Whether the number counts negative, as a refund does.
  public var negative: Bool

  /// A measure.
  public init(
    name: String, path: JSONPath, currency: Currency, scale: MeasureScale = 0,
    negative: Bool = false
  ) {
    self.name = name
    self.path = path
    self.currency = currency
    self.scale = scale
    self.negative = negative
  }
}

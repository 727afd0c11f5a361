/// A `timestamptz`: microseconds since 1970-01-01 00:00 UTC.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01 00:00 UTC; negative before it.
  public var microseconds: Int64

  /// A time from microseconds since 1970-01-01 00:00 UTC.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// `infinity`: later than all others.
  public static let infinity = Timestamp(microseconds: .max)
  /// `-infinity`: earlier than all others.
  public static let minusInfinity = Timestamp(microseconds: .min)

  /// Orders by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  /// PostgreSQL counts from 2000-01-01 00:00 UTC.
  static let epochShift: Int64 = 946_684_800_000_000
}

extension Timestamp: PostgresCodable {
  /// The type `timestamptz`.
  public static var postgresType: PostgresType { .timestamptz }

  /// Appends eight bytes; throws before 4714 BC, where PostgreSQL has no times.
  public func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
    bytes.append(try sinceEpochOfPostgres())
  }

  /// A `timestamptz`; in text form only with a zone, as sessions of this room have it.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Timestamp {
    guard field.type == .timestamptz else { throw field.mismatch(.timestamptz) }
    if field.isText {
      var text = TimestampText(try field.text())
      return try text.timestamp()
    }
    let number: Int64 = try field.bigEndian()
    if number == .max || number == .min { return Timestamp(microseconds: number) }
    let (sum, overflow) = number.addingReportingOverflow(epochShift)
    guard !overflow else { throw .outOfRange }
    return Timestamp(microseconds: sum)
  }

  func sinceEpochOfPostgres() throws(PostgresError) -> Int64 {
    if self == .infinity || self == .minusInfinity { return microseconds }
    let (difference, overflow) = microseconds.subtractingReportingOverflow(Self.epochShift)
    guard !overflow, microseconds >= Self.earliest else {
      throw PostgresError(.encoding, "A time lies before 4714 BC, the first that PostgreSQL knows.")
    }
    return difference
  }

  /// 4714-11-24 BC 00:00 UTC, day 0 of the Julian calendar.
  private static let earliest: Int64 = -210_866_803_200_000_000
}

public import Domain
public import Postgres

/// Compares the documents of two streams, and keeps what does not agree.
public struct ComparisonStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Compares two streams by sorting and merging in the database; gives the comparison's number.
  public func compareStreams(_ order: ComparisonOrder) async throws(PostgresError) -> Int64 {
    guard let id = try await pool.query(Self.compare, order).first else {
      throw PostgresError.unexpectedAnswer(to: "compareStreams", "gave no row")
    }
    return id
  }

  /// A comparison by its number.
  public func findComparison(_ id: Int64) async throws(PostgresError) -> ComparisonRow? {
    try await pool.query(Self.comparison, (id)).first
  }

  /// The pairs that are not plainly equal, by match, after a number.
  public func listPairs(
    of comparison: ComparisonRow, after number: Int64, limit: Int
  ) async throws(PostgresError) -> [(number: Int64, pair: ComparedPair)] {
    try await pool.query(
      Self.pairs, (comparison.id, comparison.timeZone, number, Int32(clamping: limit)))
  }

  static let compare = Statement<ComparisonOrder, Int64>(
    "compareStreams",
    "SELECT backfill.compare_streams($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    parameters: { order, parameters in
      try parameters.append(order.first.stream)
      try parameters.append(order.second.stream)
      try parameters.append(order.first.path)
      try parameters.append(order.second.path)
      try parameters.append(order.first.measure)
      try parameters.append(order.second.measure)
      try parameters.append(Timestamp(order.window.from))
      try parameters.append(Timestamp(order.window.to))
      try parameters.append(order.timeZone)
      try parameters.append(order.days)
      try parameters.append(order.requestedBy)
    }
  ) { row in try row.read() }

  static let comparison = Statement<Int64, ComparisonRow>(
    "findComparison",
    """
    SELECT id, left_stream, right_stream, from_at, to_at, time_zone, days, compared_at,
        left_records, right_records, equal
      FROM backfill.comparison WHERE id = $1
    """
  ) { row in try ComparisonRow(&row) }

  static let pairs = Statement<(Int64, String, Int64, Int32), (number: Int64, pair: ComparedPair)>(
    "listPairs",
    """
    SELECT number, match, currency,
        left_records, left_amount::text, left_refunded::text,
        (left_at AT TIME ZONE $2)::date::text,
        right_records, right_amount::text, right_refunded::text,
        (right_at AT TIME ZONE $2)::date::text
      FROM backfill.comparison_pair WHERE comparison_id = $1 AND number > $3
      ORDER BY number LIMIT $4
    """
  ) { row in
    let number = try row.read(Int64.self)
    let (match, currency): (String, String) = (try row.read(), try row.read())
    return (
      number,
      ComparedPair(
        match: match, currency: currency, first: try ComparedPair.Side(&row),
        second: try ComparedPair.Side(&row))
    )
  }
}

/// What is to be compared.
public struct ComparisonOrder: Sendable {
  /// One of the two streams.
  public struct Side: Sendable {
    /// The stream's id in the store.
    public var stream: Int32
    /// Where in its records the value lies by which they are matched.
    public var path: [String]
    /// The measure that is compared.
    public var measure: String

    /// One of the two streams.
    public init(stream: Int32, path: [String], measure: String) {
      self.stream = stream
      self.path = path
      self.measure = measure
    }
  }

  /// The first stream.
  public var first: Side
  /// The second stream.
  public var second: Side
  /// What is compared.
  public var window: Window
  /// The zone in which days are counted.
  public var timeZone: String
  /// How many days a pair may lie apart.
  public var days: Int32
  /// Who asked.
  public var requestedBy: String

  /// What is to be compared.
  public init(
    first: Side, second: Side, window: Window, timeZone: String, days: Int32, requestedBy: String
  ) {
    self.first = first
    self.second = second
    self.window = window
    self.timeZone = timeZone
    self.days = days
    self.requestedBy = requestedBy
  }
}

/// A comparison that was made.
public struct ComparisonRow: Hashable, Sendable {
  /// Its number.
  public var id: Int64
  /// The first stream.
  public var first: String
  /// The second stream.
  public var second: String
  /// What was compared.
  public var window: Window
  /// The zone in which days were counted.
  public var timeZone: String
  /// How many days a pair may lie apart.
  public var days: Int32
  /// When it was made.
  public var comparedAt: Instant
  /// How many documents the first stream has.
  public var firstRecords: Int64
  /// How many documents the second stream has.
  public var secondRecords: Int64
  /// How many pairs are plainly equal.
  public var equal: Int64

  init(_ row: inout RowReader) throws(PostgresError) {
    id = try row.read()
    first = try row.read()
    second = try row.read()
    window = try Window(&row)
    timeZone = try row.read()
    days = try row.read()
    comparedAt = Instant(try row.read())
    firstRecords = try row.read()
    secondRecords = try row.read()
    equal = try row.read()
  }
}

extension ComparedPair.Side {
  /// Reads how many documents, both amounts as text, and the day.
  fileprivate init(_ row: inout RowReader) throws(PostgresError) {
    let records = try row.read(Int64.self)
    let (amount, refunded) = (try row.read(String.self), try row.read(String.self))
    let day = try row.read(String?.self)
    guard let amount = Amount(amount), let refunded = Amount(refunded) else {
      throw row.fault("has a sum of too many digits")
    }
    self.init(
      records: records, amount: amount, refunded: refunded, day: day.flatMap { CivilDate($0) })
  }
}

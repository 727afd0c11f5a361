public import Domain
public import Postgres

/// The limits of sources, and the slots that are granted under them, for all processes alike.
///
/// Stretches of time are sent, never times of a client's clock.
public struct BudgetStore: Sendable {
  /// The channel on which every process hears that limits were changed or a source is held; the
  /// message is the source's id.
  public static let channel = "backfill_budget"

  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// How often a source may be asked, as it was last applied, and what is held.
  public func findBudget(of source: Int32) async throws(PostgresError) -> StoredBudget {
    try await pool.withConnection { connection throws(PostgresError) in
      guard let row = try await connection.query(Self.budget, (source)).first else {
        throw PostgresError.unexpectedAnswer(to: "findBudget", "gave no row")
      }
      let limits = try await connection.query(Self.limits, (source))
      return StoredBudget(
        revision: row.revision, heldFor: row.heldFor, reason: row.reason, limits: limits)
    }
  }

  /// Grants up to so many slots to requests of one kind, none later than `horizon` microseconds
  /// from now; each is within all of the limits given.
  public func grantSlots(_ order: SlotOrder) async throws(PostgresError) -> SlotGrant {
    let rows = try await pool.query(Self.grant, order)
    guard let last = rows.last else {
      throw PostgresError.unexpectedAnswer(to: "grantSlots", "gave no row")
    }
    return SlotGrant(rows, last: last, order)
  }

  /// Takes back permits that were not used, or what they held of limits of concurrency.
  public func giveBack(
    _ shares: [Permit.Share], holders: [Int64]
  ) async throws(PostgresError) {
    _ = try await pool.query(
      Self.giveBack,
      (
        shares.map(\.limit), shares.map(\.bucket), shares.map(\.slot), shares.map(\.cost), holders
      ))
  }

  /// Says that requests are still under way, for so many microseconds from now on.
  public func renewHolders(
    _ holders: [Int64], lease: Int64
  ) async throws(PostgresError) {
    _ = try await pool.query(Self.renew, (holders, lease))
  }

  /// Forgets what was granted to endpoints that nobody asked for a day; nothing follows from it any
  /// more.
  public func dropIdleSchedules() async throws(PostgresError) {
    _ = try await pool.query(Self.dropIdle, ())
  }

  /// Lets nothing be granted for so many microseconds: under some limits, or, where there are none,
  /// to the source at all; and tells every process.
  public func holdRequests(
    to source: Int32, under limits: [LimitBucket] = [], for microseconds: Int64, reason: String
  ) async throws(PostgresError) {
    _ = try await pool.query(
      Self.hold,
      (
        source, limits.map(\.limit), limits.map(\.bucket), microseconds, storable(reason)
      ))
  }

  /// Notes what an answer said about a limit, which lowers what is granted to all.
  public func lowerBudget(
    _ share: Permit.Share, by lowering: Lowering
  ) async throws(PostgresError) {
    _ = try await pool.query(Self.lower, (share, lowering))
  }

  static let budget = Statement<Int32, BudgetRow>(
    "findBudget",
    """
    SELECT b.revision,
        backfill.microseconds(b.held_until) - backfill.microseconds(clock_timestamp()),
        b.held_reason
      FROM backfill.request_budget b WHERE b.source_id = $1
    """
  ) { row in
    BudgetRow(revision: try row.read(), heldFor: try row.read(), reason: try row.read())
  }

  static let limits = Statement<Int32, StoredBudget.Limit>(
    "listLimits",
    """
    SELECT l.id, l.definition,
        coalesce(array_agg(s.bucket) FILTER (WHERE s.held_until > t.now_at), '{}'),
        coalesce(array_agg(s.held_until - t.now_at) FILTER (WHERE s.held_until > t.now_at), '{}')
      FROM backfill.request_limit l
      CROSS JOIN (SELECT backfill.microseconds(clock_timestamp()) AS now_at) AS t
      LEFT JOIN backfill.request_schedule s ON s.limit_id = l.id
      WHERE l.source_id = $1
      GROUP BY l.id ORDER BY l.id
    """
  ) { row in
    StoredBudget.Limit(
      id: try row.read(), definition: try row.read(), heldBuckets: try row.read(),
      heldFor: try row.read())
  }

  static let grant = Statement<SlotOrder, GrantedRow>(
    "grantSlots",
    """
    SELECT now_at, slot_at, slot_until, slots, ordinals, holders, wait, reason
      FROM backfill.grant_slots($1, $2, $3, $4, $5, $6, $7, $8)
    """,
    parameters: { order, parameters in
      try parameters.append(order.source)
      try parameters.append(order.revision)
      try parameters.append(order.limits.map(\.limit))
      try parameters.append(order.limits.map(\.bucket))
      try parameters.append(order.limits.map(\.cost))
      try parameters.append(Int32(clamping: order.count))
      try parameters.append(order.horizon)
      try parameters.append(order.lease)
    }
  ) { row in
    GrantedRow(
      now: try row.read(), from: try row.read(), until: try row.read(), slots: try row.read(),
      ordinals: try row.read(), holders: try row.read(), wait: try row.read(),
      reason: try row.read())
  }

  static let giveBack = Statement<([Int32], [String], [Int64], [Int64], [Int64]), String>(
    "giveBackSlots", "SELECT backfill.give_back_slots($1, $2, $3, $4, $5)::text")

  static let renew = Statement<([Int64], Int64), Int64>(
    "renewHolders",
    """
    UPDATE backfill.request_holder
      SET expires_at = backfill.microseconds(clock_timestamp()) + $2
      WHERE id = ANY ($1)
      RETURNING id
    """)

  static let dropIdle = Statement<(), String>(
    "dropIdleSchedules",
    """
    DELETE FROM backfill.request_schedule
      WHERE bucket <> '' AND greatest(next_at, held_until, quota_until, day_ends)
        < backfill.microseconds(clock_timestamp()) - 86400000000
      RETURNING bucket
    """)

  static let hold = Statement<(Int32, [Int32], [String], Int64, String), String>(
    "holdRequests", "SELECT backfill.hold_requests($1, $2, $3, $4, $5)::text")

  static let lower = Statement<(Permit.Share, Lowering), String?>(
    "lowerBudget", "SELECT backfill.lower_budget($1, $2, $3, $4, $5, $6, $7)::text",
    parameters: { input, parameters in
      let (share, lowering) = input
      try parameters.append(share.limit)
      try parameters.append(share.bucket)
      try parameters.append(share.ordinal)
      try parameters.append(lowering.available)
      try parameters.append(lowering.left?.count)
      try parameters.append(lowering.left?.period)
      try parameters.append(lowering.spacing)
    })
}

/// A limit, and the bucket of it in which requests are counted.
public struct LimitBucket: Hashable, Sendable {
  /// The limit's number.
  public var limit: Int32
  /// The bucket; empty where the limit counts all together.
  public var bucket: String
  /// What one request costs there.
  public var cost: Int64

  /// A bucket of a limit.
  public init(limit: Int32, bucket: String, cost: Int64 = 1) {
    self.limit = limit
    self.bucket = bucket
    self.cost = cost
  }
}

/// What is asked for: slots for requests of one kind.
public struct SlotOrder: Hashable, Sendable {
  /// The source's id in the store.
  public var source: Int32
  /// Which state of the limits the caller knows.
  public var revision: Int32
  /// The limits that count such requests.
  public var limits: [LimitBucket]
  /// How many slots at most.
  public var count: Int
  /// None later than so many microseconds from now.
  public var horizon: Int64
  /// After how many microseconds a request under way counts as ended, if nobody says so before.
  public var lease: Int64

  /// An order.
  public init(
    source: Int32, revision: Int32, limits: [LimitBucket], count: Int, horizon: Int64, lease: Int64
  ) {
    self.source = source
    self.revision = revision
    self.limits = limits
    self.count = count
    self.horizon = horizon
    self.lease = lease
  }
}

public import Domain
public import Postgres

/// The tables of history, one of each kind for every day.
public struct HistoryStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Makes the tables of a day, unless they are there.
  public func addDay(_ day: CivilDate) async throws(PostgresError) {
    for kind in Self.kinds { _ = try await pool.query(Self.add, (kind, day.description)) }
  }

  /// Drops the tables of all days before one; gives how many.
  ///
  /// What they said in sum is kept: the counters of partitions and backfills, and the measures.
  @discardableResult
  public func dropDays(before day: CivilDate) async throws(PostgresError) -> Int {
    var dropped = 0
    for kind in Self.kinds {
      dropped += Int(try await pool.query(Self.drop, (kind, day.description)).first ?? 0)
    }
    return dropped
  }

  /// What there is a table of for every day; each in a transaction of its own, because nobody may
  /// hold the tables of two kinds.
  private static let kinds = ["batch_keys", "attempt", "batch"]

  static let add = Statement<(String, String), Int32>(
    "addHistoryDay", "SELECT backfill.add_history_day($1, $2::text::date)")

  static let drop = Statement<(String, String), Int32>(
    "dropHistoryDays", "SELECT backfill.drop_history_days($1, $2::text::date)")
}

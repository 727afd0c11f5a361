public import Domain
public import Postgres
import Stores

/// Keeps history in tables of one day each, and drops the days that nobody needs any more.
public struct Janitor: Sendable {
  /// The days, from today on, that get tables: those to come, before anybody writes to them, and
  /// yesterday, after everybody did.
  ///
  /// Whoever writes to a day in the moment in which it gets its tables can fail, so today gets
  /// none; where it has none, its rows are moved tomorrow.
  private static let days = [-1, 1, 2, 3]

  private let store: HistoryStore
  private let notices: NoticeStore
  private let budgets: BudgetStore
  private let keepDays: Int
  private let now: @Sendable () -> Instant
  private let tell: @Sendable (Event) -> Void

  /// A janitor that drops history older than `keepDays` days.
  public init(
    pool: Pool, keepDays: Int = 90, now: @escaping @Sendable () -> Instant,
    tell: @escaping @Sendable (Event) -> Void
  ) {
    store = HistoryStore(pool: pool)
    notices = NoticeStore(pool: pool)
    budgets = BudgetStore(pool: pool)
    self.keepDays = keepDays
    self.now = now
    self.tell = tell
  }

  /// Cleans once an hour until the task is cancelled.
  public func run() async {
    while !Task.isCancelled {
      do throws(PostgresError) {
        try await clean()
      } catch {
        if !Task.isCancelled { tell(.troubled(part: "janitor", message: "\(error)")) }
      }
      do { try await Task.sleep(for: .seconds(3_600)) } catch { return }
    }
  }

  /// Makes the tables of the coming days, and drops those and the notices of days long gone.
  public func clean() async throws(PostgresError) {
    let today = Zone.utc.civilDate(of: now())
    for day in Self.days {
      try await store.addDay(today.adding(days: day))
    }
    let oldest = today.adding(days: -keepDays)
    try await store.dropDays(before: oldest)
    try await notices.dropNotices(before: oldest)
    try await budgets.dropIdleSchedules()
  }
}

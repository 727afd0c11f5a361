import Cluster
import Domain
import Postgres

/// Starts a private PostgreSQL again that went away while it is worked on: nobody else would.
struct Reviver: Sendable {
  private let database: Database
  private let listener: @Sendable (Event) -> Void
  private let losses: AsyncStream<Void>
  private let lost: AsyncStream<Void>.Continuation

  /// A reviver of a database, which leaves others than the private one alone; `listener` hears all
  /// events.
  init(_ database: Database, _ listener: @escaping @Sendable (Event) -> Void) {
    self.database = database
    self.listener = listener
    (losses, lost) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Passes an event on, and notes when the database was lost.
  func tell(_ event: Event) {
    listener(event)
    if case .databaseLost = event { lost.yield() }
  }

  /// Revives until the task is cancelled.
  func run() async {
    for await _ in losses {
      while !Task.isCancelled, await !revive() {
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }

  /// Whether the server answers; one that was just killed may be taken for alive for a moment.
  private func revive() async -> Bool {
    guard let cluster = database.cluster else { return true }
    do {
      try await cluster.revive()
      let connection = try await Connection.connect(database.settings)
      await connection.close()
      return true
    } catch let error as PostgresError where error.isRetryable {
      return false
    } catch {
      listener(.troubled(part: "private PostgreSQL", message: "\(error)"))
      return false
    }
  }
}

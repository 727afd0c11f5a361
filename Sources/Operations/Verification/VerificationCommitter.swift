import Domain
import Postgres
import Stores

/// Asks the store and writes the steps of a verification, through whatever happens to the connection.
struct VerificationCommitter {
  /// What became of a beginning.
  enum Beginning {
    case begun(mark: Int64)
    case lost
    case refused(SourceFailure)
  }

  /// What became of a step.
  enum End {
    /// It is durable.
    case committed
    /// The partition is no longer held.
    case lost
    /// The lease ran out; the partition can be given back.
    case expired
    /// The store refuses it.
    case refused(SourceFailure)
  }

  let store: VerificationStore
  let outage: DatabaseOutage

  /// Begins to verify a partition.
  func begin(_ held: HeldPartition) async -> Beginning {
    switch await asked({ () throws(PostgresError) in try await store.beginVerification(held) }) {
    case .success(let mark?): .begun(mark: mark)
    case .success(nil): .lost
    case .failure(let failure): .refused(failure)
    }
  }

  /// What the documents of a window come to.
  func sumStore(stream: Int32, window: Window) async -> Result<SourceTotals, SourceFailure> {
    await asked { () throws(PostgresError) in
      try await store.sumStore(stream: stream, window: window)
    }
  }

  /// What does not stand as it should, from a place on.
  func suspects(
    of partition: PartitionID, stream: Int32, after place: VerificationCheckpoint.Place?,
    limit: Int
  ) async -> Result<[SuspectRow], SourceFailure> {
    await asked { () throws(PostgresError) in
      try await store.listSuspects(of: partition, stream: stream, after: place, limit: limit)
    }
  }

  /// The sums of a partition on both sides.
  func daySums(of partition: PartitionID) async -> Result<[DaySum], SourceFailure> {
    await asked { () throws(PostgresError) in try await store.listDaySums(of: partition) }
  }

  /// Writes a step; one that is found there already is this run's own, as only it holds the fence.
  func commit(_ step: VerificationStep) async -> End {
    let answer = await asked { () throws(PostgresError) in
      step.end == nil
        ? try await store.commitVerdicts(step) : try await store.concludeVerification(step)
    }
    switch answer {
    case .success("committed"), .success("repeated"): return .committed
    case .success("expired"): return .expired
    case .success: return .lost
    case .failure(let failure): return .refused(failure)
    }
  }

  /// Asks again for as long as the database is away.
  private func asked<Value: Sendable>(
    _ question: () async throws(PostgresError) -> Value
  ) async -> Result<Value, SourceFailure> {
    while true {
      do throws(PostgresError) {
        let answer = try await question()
        outage.over()
        return .success(answer)
      } catch {
        let mayRepeat = error.retryAdvice != .never || error.effect == .unknown
        guard mayRepeat, !Task.isCancelled else {
          return .failure(
            SourceFailure(.storeRefused, "The database refused to verify a partition: \(error)"))
        }
        if error.retryAdvice != .now { await outage.wait(after: error) }
      }
    }
  }
}

import Domain
import Postgres
import Stores

/// Commits the batches of one run, through whatever happens to the connection.
struct Committer {
  /// What became of a batch.
  enum End: Sendable {
    /// It is durable; the counts are nil where the answer was lost and the batch found again.
    case committed(OutcomeCounts, partition: PartitionState)
    /// The partition is no longer held.
    case lost
    /// The lease ran out while the database did not answer; the partition can be given back.
    case expired
    /// The store refuses the batch.
    case refused(SourceFailure)
  }

  let store: CommitStore
  let work: BackfillWork
  let outage: DatabaseOutage
  let tell: @Sendable (Event) -> Void
  let stage = StageBuffer()

  /// Commits a batch, without payloads where its records are probably known.
  func commit(_ order: CommitOrder) async -> End {
    var order = order
    order.isProbe =
      work.shouldProbe && order.listing == nil && !order.batch.documents.isEmpty
    while true {
      do throws(PostgresError) {
        let answer = try await attempt(order)
        outage.over()
        switch answer {
        case .committed(let counts, let state):
          if order.listing == nil, !order.batch.documents.isEmpty { work.learn(from: counts) }
          return .committed(counts, partition: state)
        case .payloadNeeded:
          work.probeFailed()
          order.isProbe = false
        case .fenced: return .lost
        case .expired: return .expired
        case .repeated:
          // Only this run holds the fence: the batch is its own, and its answer was lost. Where it
          // is not there, the commit never happened, and it is sent again.
          if let end = try await find(order) { return end }
        }
      } catch {
        guard !Task.isCancelled else { return .lost }
        switch error.retryAdvice {
        case .never:
          return .refused(SourceFailure(.storeRefused, "The database refused a batch: \(error)"))
        case .now: continue
        case .afterBackoff: await outage.wait(after: error)
        }
      }
    }
  }

  private func attempt(_ order: CommitOrder) async throws(PostgresError) -> CommitAnswer {
    do throws(PostgresError) {
      return try await store.commit(order, staging: stage)
    } catch  where error.effect == .unknown {
      return .repeated
    }
  }

  /// The batch whose answer was lost, if it is there.
  private func find(_ order: CommitOrder) async throws(PostgresError) -> End? {
    let found = try await store.findBatch(order)
    tell(.commitResolved(order.partition, stream: work.row.stream, isDurable: found != nil))
    guard let (counts, state) = found else { return nil }
    return .committed(counts, partition: state)
  }
}

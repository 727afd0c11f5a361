import Domain
import Postgres
import Stores

/// Ends partitions that had nothing to store, many in one statement.
///
/// The first one waits for nobody: what comes while its statement runs goes with the next, so that
/// the size of a statement follows the load.
actor EmptyCompleter {
  private static let limit = 500

  private let store: PartitionStore
  private let outage: DatabaseOutage
  private var pending: [(EmptyPartition, CheckedContinuation<RunEnd, Never>)] = []
  private var draining: Task<Void, Never>?

  init(store: PartitionStore, outage: DatabaseOutage) {
    self.store = store
    self.outage = outage
  }

  /// Ends a partition; returns once that is durable.
  func complete(_ partition: EmptyPartition) async -> RunEnd {
    await withCheckedContinuation { continuation in
      pending.append((partition, continuation))
      if draining == nil { draining = Task { await drain() } }
    }
  }

  /// Gives up what was not ended so far: nobody waits for the database any longer.
  func stop() {
    draining?.cancel()
  }

  private func drain() async {
    while !pending.isEmpty {
      let batch = Array(pending.prefix(Self.limit))
      pending.removeFirst(batch.count)
      let end = await complete(batch.map(\.0))
      for (partition, continuation) in batch { continuation.resume(returning: end(partition.held)) }
    }
    draining = nil
  }

  /// What became of each.
  ///
  /// A statement whose answer was lost is simply sent again: what it ended is then no longer
  /// running, and its attempt stands in the history.
  private func complete(_ partitions: [EmptyPartition]) async -> (HeldPartition) -> RunEnd {
    while true {
      do throws(PostgresError) {
        let ended = Set(try await store.completeEmpty(partitions))
        outage.over()
        return { ended.contains($0.id) ? .ended(.succeeded, OutcomeCounts()) : .lost }
      } catch {
        guard !Task.isCancelled else { return { _ in .lost } }
        guard error.retryAdvice != .never || error.commitOutcomeUnknown else {
          let failure = SourceFailure(
            .storeRefused, "The database refused to end a partition: \(error)")
          return { _ in .failed(failure, madeProgress: false) }
        }
        await outage.wait(after: error)
      }
    }
  }
}

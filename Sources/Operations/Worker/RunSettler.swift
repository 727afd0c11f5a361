import Domain
import Postgres
import Stores

/// Ends the attempts that no commit has ended: decides what becomes of the partition, and writes it.
struct RunSettler {
  let partitions: PartitionStore
  let catalog: CatalogStore
  let outage: DatabaseOutage
  let surroundings: Surroundings

  /// Ends the attempt as the run says.
  func settle(_ claimed: ClaimedPartition, _ end: RunEnd, source: Int32?) async {
    switch end {
    case .ended(.succeeded): surroundings.tell(.partitionSucceeded(claimed.id))
    case .ended(let state):
      let failure = SourceFailure(.tooManyRejected, "Too many records were rejected.")
      if state == .failed { surroundings.tell(.partitionFailed(claimed.id, failure)) }
    case .lost: surroundings.tell(.partitionLost(claimed.id))
    case .yielded(let reason): await release(claimed, because: reason)
    case .expired: await release(claimed, because: "the database did not answer in time")
    case .empty(let requests):
      let failure = SourceFailure(.storeRefused, "An empty partition could not be ended.")
      await fail(claimed, failure, madeProgress: false, requests: requests)
    case .failed(let failure, let madeProgress, let requests):
      if failure.kind == .rateLimited, let source { await hold(source, failure) }
      await fail(claimed, failure, madeProgress: madeProgress, requests: requests)
    }
  }

  private func release(_ claimed: ClaimedPartition, because reason: String) async {
    await write(
      AttemptEnd(
        held: HeldPartition(id: claimed.id, fence: claimed.fence), outcome: .released,
        next: .wait(0), failures: claimed.failures, kind: nil, message: nil, requests: 0))
    surroundings.tell(.partitionReleased(claimed.id, reason: reason))
  }

  private func fail(
    _ claimed: ClaimedPartition, _ failure: SourceFailure, madeProgress: Bool, requests: Int
  ) async {
    let failures = madeProgress ? 1 : Int(claimed.failures) + 1
    var generator = surroundings.randomness
    let decision = RetryDecision.decide(
      failure, failuresWithoutProgress: failures, using: &generator)
    let end = AttemptEnd(
      held: HeldPartition(id: claimed.id, fence: claimed.fence), decision, failure: failure,
      failuresBefore: claimed.failures, failures: Int32(clamping: failures),
      requests: Int32(clamping: requests))
    await write(end)
    switch decision {
    case .retry(let after, _):
      surroundings.tell(.attemptFailed(claimed.id, failure, retryAfter: after))
    case .fail: surroundings.tell(.partitionFailed(claimed.id, failure))
    }
  }

  /// A source that asks one worker for patience means all of them.
  private func hold(_ source: Int32, _ failure: SourceFailure) async {
    guard let wait = failure.retryAfter, wait > 0 else { return }
    let until = Instant(
      microseconds: surroundings.now().microseconds.addingReportingOverflow(wait).partialValue)
    do throws(PostgresError) {
      try await catalog.holdSource(source, until: until, reason: failure.message)
    } catch {
      // The partition waits by itself all the same; others will hear it from the source.
      surroundings.tell(.warning("The hold on a source could not be stored: \(error)"))
    }
    surroundings.tell(.sourceHeld(source: String(source), microseconds: wait))
  }

  /// Writes through an outage. What was written under a fence cannot be written twice, so a
  /// statement whose answer was lost is sent again.
  private func write(_ end: AttemptEnd) async {
    while !Task.isCancelled {
      do throws(PostgresError) {
        _ = try await partitions.endAttempts([end])
        return outage.over()
      } catch {
        guard error.retryAdvice != .never || error.commitOutcomeUnknown else {
          // The lease runs out, and the partition is rescued: slower, but nothing is lost.
          return surroundings.tell(.warning("An attempt could not be ended: \(error)"))
        }
        await outage.wait(after: error)
      }
    }
  }
}

extension AttemptEnd {
  /// The end of an attempt that failed, as it was decided.
  init(
    held: HeldPartition, _ decision: RetryDecision, failure: SourceFailure,
    failuresBefore: Int32, failures: Int32, requests: Int32
  ) {
    let isPatience = failure.kind == .rateLimited
    let next: Next
    var spent = failures
    switch decision {
    case .retry(let after, let spendsAttempt):
      next = .wait(after)
      if !spendsAttempt { spent = failuresBefore }
    case .fail: next = .fail
    }
    self.init(
      held: held,
      outcome: failure.kind == .lost ? .lost : isPatience ? .rateLimited : .failed, next: next,
      failures: spent, kind: failure.kind.rawValue, message: failure.message, requests: requests)
  }
}

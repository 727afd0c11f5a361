import Domain
import Postgres
import Stores

/// Ends the attempts that no commit has ended: decides what becomes of the partition, and writes it.
struct RunSettler {
  let partitions: PartitionStore
  let budgets: BudgetStore
  let outage: DatabaseOutage
  let splitter: Splitter
  let surroundings: Surroundings

  /// Ends the attempt as the run says.
  ///
  /// `splitRule` is nil where the connector could not be made.
  func settle(
    _ claimed: ClaimedPartition, _ end: RunEnd, of backfill: BackfillRow, rule: RetryRule,
    splitRule: SplitRule?
  ) async {
    switch end {
    case .ended(.succeeded, let records):
      let took = surroundings.now().microseconds - claimed.claimedAt.microseconds
      surroundings.tell(
        .partitionSucceeded(
          claimed.id, stream: backfill.stream, records: records, microseconds: took))
    case .ended:
      let failure = SourceFailure(
        .tooManyRejected, "More records were rejected than the stream allows.")
      surroundings.tell(
        .partitionFailed(claimed.id, stream: backfill.stream, .notRetryable, failure))
    case .lost: surroundings.tell(.partitionFenced(claimed.id, stream: backfill.stream))
    case .yielded, .expired: await release(claimed, of: backfill)
    case .outgrown(let cut, let rest, let requests):
      let end = await splitter.shareOut(claimed, before: cut, rest, requests: requests)
      await settle(claimed, end, of: backfill, rule: rule)
    case .failed(let failure, _, let hold) where failure.kind == .windowTooLarge:
      if let hold { await tell(hold, onSourceOf: backfill) }
      let end = await splitter.split(
        claimed, failure, rule: splitRule ?? SplitRule(), verifies: backfill.mode == .verify)
      await settle(claimed, end, of: backfill, rule: rule)
    case .empty(let requests):
      let failure = SourceFailure(
        .storeRefused, "A partition without records could not be ended.", requests: requests)
      await fail(claimed, of: backfill, failure, madeProgress: false, rule: rule)
    case .failed(let failure, let madeProgress, let hold):
      if let hold { await tell(hold, onSourceOf: backfill) }
      await fail(claimed, of: backfill, failure, madeProgress: madeProgress, rule: rule)
    }
  }

  private func settle(
    _ claimed: ClaimedPartition, _ end: Splitter.End, of backfill: BackfillRow, rule: RetryRule
  ) async {
    switch end {
    case .split(let parts, let message):
      surroundings.tell(
        .partitionSplit(claimed.id, stream: backfill.stream, into: parts, message: message))
    case .fenced: surroundings.tell(.partitionFenced(claimed.id, stream: backfill.stream))
    case .released: await release(claimed, of: backfill)
    case .failed(let failure):
      await fail(claimed, of: backfill, failure, madeProgress: false, rule: rule)
    case .unwritten: break
    }
  }

  private func release(_ claimed: ClaimedPartition, of backfill: BackfillRow) async {
    await write(
      .released(HeldPartition(id: claimed.id, fence: claimed.fence), failures: claimed.failures))
    surroundings.tell(.partitionReleased(claimed.id, stream: backfill.stream))
  }

  private func fail(
    _ claimed: ClaimedPartition, of backfill: BackfillRow, _ failure: SourceFailure,
    madeProgress: Bool, rule: RetryRule
  ) async {
    let failures = madeProgress && !failure.kind.voidsProgress ? 1 : Int(claimed.failures) + 1
    var generator = surroundings.randomness
    let decision = RetryDecision.decide(
      failure, failuresWithoutProgress: failures, rule: rule, using: &generator)
    await write(
      AttemptEnd(
        held: HeldPartition(id: claimed.id, fence: claimed.fence), decision, failure: failure,
        failuresBefore: claimed.failures, failures: Int32(clamping: failures)))
    switch decision {
    case .retry(let after, _):
      let until = surroundings.now().adding(microseconds: after)
      surroundings.tell(
        .partitionWaiting(claimed.id, stream: backfill.stream, until: until, failure))
    case .fail(let reason):
      surroundings.tell(.partitionFailed(claimed.id, stream: backfill.stream, reason, failure))
    }
  }

  /// A source that asks one worker for patience means all of them.
  private func tell(_ hold: SourceGate.Hold, onSourceOf backfill: BackfillRow) async {
    let wait = hold.until.microseconds(since: surroundings.now())
    guard wait > 0 else { return }
    do throws(PostgresError) {
      try await budgets.holdRequests(to: backfill.sourceID, for: wait, reason: hold.reason)
    } catch {
      // The partition waits by itself all the same; others will hear it from the source.
      surroundings.tell(
        .troubled(part: "worker", message: "The hold on a source could not be stored: \(error)"))
    }
    let source = String(backfill.stream.prefix { $0 != "." })
    surroundings.tell(
      .sourceThrottled(source: source, until: hold.until, message: hold.reason))
  }

  /// Writes through an outage.
  ///
  /// What was written under a fence cannot be written twice, so a statement whose answer was lost
  /// is sent again.
  private func write(_ end: AttemptEnd) async {
    while !Task.isCancelled {
      do throws(PostgresError) {
        _ = try await partitions.endAttempts([end])
        return outage.over()
      } catch {
        guard error.retryAdvice != .never || error.commitOutcomeUnknown else {
          // The lease runs out, and the partition is rescued: slower, but nothing is lost.
          return surroundings.tell(
            .troubled(part: "worker", message: "An attempt could not be ended: \(error)"))
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
    failuresBefore: Int32, failures: Int32
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
      failures: spent, kind: failure.kind.rawValue, message: failure.message,
      requests: Int32(clamping: failure.requests), isBlocking: failure.isBlocking)
  }
}

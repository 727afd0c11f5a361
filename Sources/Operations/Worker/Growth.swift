import Connectors
import Domain
import Stores

/// What one attempt has read so far, to tell when it has outgrown its budget.
struct Growth {
  private let claimed: ClaimedPartition
  private let rule: SplitRule
  private let limit: RejectLimit
  private let isStrict: Bool
  private let budget: PartitionBudget
  private let startedAt: Instant
  private var watch: FeedWatch
  private var pages = 0
  private var read: Int64
  private var rejected: Int64

  init(
    of claimed: ClaimedPartition, in work: BackfillWork, budget: PartitionBudget,
    at now: Instant
  ) {
    self.claimed = claimed
    rule = work.connector.splitRule
    limit = RejectLimit(share: work.stream.rejectLimit)
    isStrict = work.row.order == .strict
    self.budget = budget
    startedAt = now
    watch = FeedWatch(rule)
    read = claimed.read
    rejected = claimed.rejected
  }

  /// Takes in a batch that is committed.
  mutating func note(_ batch: Batch, records: OutcomeCounts) {
    pages += batch.pages.count
    read += records.read
    rejected += records[.rejected]
    watch.note(batch)
  }

  /// Whether the rest is shared out now.
  ///
  /// Not of a strict backfill, in which nobody else may take it; and not where too much was
  /// rejected: what is done could not be called a success.
  func decide(at now: Instant) -> OutgrowthDecision {
    guard budget.isSpent(pages: pages, time: now.microseconds(since: startedAt)), !isStrict,
      !limit.isExceeded(rejected: rejected, of: read)
    else { return .goOn }
    return .decide(claimed.window, reached: watch.reached, rule: rule)
  }
}

@testable import Stores

extension PreparedStatement {
  /// All of them; a test compares the list with the sources.
  static var all: [PreparedStatement] {
    catalog + submits + partitions + commits + backfills + sequencer + control + notices
      + rejections + verifications
      + rest
  }

  private static var catalog: [PreparedStatement] {
    [
      .init(CatalogStore.lockBudgets), .init(CatalogStore.upsertSource),
      .init(CatalogStore.upsertStreams), .init(CatalogStore.upsertLimits),
      .init(CatalogStore.streams), .init(CatalogStore.sources),
      .init(BudgetStore.budget), .init(BudgetStore.limits), .init(BudgetStore.grant),
      .init(BudgetStore.giveBack), .init(BudgetStore.renew), .init(BudgetStore.hold),
      .init(BudgetStore.lower), .init(BudgetStore.dropIdle),
    ]
  }

  private static var verifications: [PreparedStatement] {
    [
      .init(VerificationStore.submit), .init(VerificationStore.begin),
      .init(VerificationStore.storeTotals), .init(VerificationStore.suspects),
      .init(VerificationStore.daySums), .init(VerificationStore.verdicts),
      .init(VerificationStore.conclude), .init(VerificationStore.proof),
      .init(VerificationStore.goneSums), .init(VerificationStore.differing),
      .init(VerificationStore.newest), .init(VerificationStore.differences),
      .init(VerificationStore.sums), .init(VerificationStore.proofs),
      .init(VerificationStore.mendable), .init(VerificationStore.emptyPartitions),
      .init(ComparisonStore.compare), .init(ComparisonStore.comparison),
      .init(ComparisonStore.pairs),
      .init(SequencerStore.verifyFinished), .init(SequencerStore.voidVerified),
    ]
  }

  private static var submits: [PreparedStatement] {
    [
      .init(SubmitStore.insertBackfill), .init(SubmitStore.openLane), .init(SubmitStore.coverage),
      .init(SubmitStore.failures), .init(SubmitStore.loads),
    ]
  }

  private static var partitions: [PreparedStatement] {
    [
      .init(PartitionStore.claim), .init(PartitionStore.renew), .init(PartitionStore.end),
      .init(PartitionStore.complete), .init(PartitionStore.lost), .init(PartitionStore.due),
      .init(PartitionStore.claims), .init(PartitionStore.repeatedlyLost),
      .init(PartitionStore.split), .init(PartitionStore.boundaries),
    ]
  }

  private static var commits: [PreparedStatement] {
    [.init(CommitStore.probe), .init(CommitStore.lockPartition), .init(CommitStore.batch)]
  }

  private static var backfills: [PreparedStatement] {
    [
      .init(BackfillStore.backfills), .init(BackfillStore.definition),
      .init(BackfillStore.partitions), .init(BackfillStore.attempts),
      .init(BackfillStore.measures), .init(BackfillStore.insertedKeys),
      .init(BackfillStore.otherKeys),
    ]
  }

  private static var sequencer: [PreparedStatement] {
    [
      .init(SequencerStore.lock), .init(SequencerStore.move), .init(SequencerStore.advance),
      .init(SequencerStore.finish), .init(SequencerStore.foldTallies),
      .init(SequencerStore.noteFailure),
    ]
  }

  private static var control: [PreparedStatement] {
    [
      .init(ControlStore.lock), .init(ControlStore.notify), .init(ControlStore.pause),
      .init(ControlStore.cancel), .init(ControlStore.end), .init(ControlStore.set),
      .init(ControlStore.reopenLane), .init(ControlStore.retry), .init(ControlStore.closeLane),
      .init(ControlStore.reopen),
    ]
  }

  private static var notices: [PreparedStatement] {
    [
      .init(NoticeWriter.openFailures), .init(NoticeWriter.openBlocks),
      .init(NoticeWriter.openEnding), .init(NoticeWriter.hold),
      .init(NoticeWriter.lockFailures),
      .init(NoticeWriter.closeNotices), .init(NoticeWriter.sealNotice),
      .init(NoticeWriter.deliver), .init(NoticeWriter.backfillFacts),
      .init(NoticeWriter.failures), .init(NoticeStore.settled), .init(NoticeStore.claim),
      .init(NoticeStore.end), .init(NoticeStore.postpone), .init(NoticeStore.disable),
      .init(NoticeStore.enable), .init(NoticeStore.test), .init(NoticeStore.list),
      .init(NoticeStore.drop),
      .init(NoticeStore.deliveries), .init(SubscriptionStore.upsert),
      .init(SubscriptionStore.retire), .init(SubscriptionStore.list),
    ]
  }

  private static var rejections: [PreparedStatement] {
    [
      .init(RejectionStore.open), .init(RejectionStore.last), .init(RejectionStore.discard),
      .init(RejectionStore.update), .init(RejectionStore.lock), .init(RejectionStore.begin),
    ]
  }

  private static var rest: [PreparedStatement] {
    [
      .init(HistoryStore.add), .init(HistoryStore.drop), .init(WorkerStore.register),
      .init(WorkerStore.touch), .init(WorkerStore.retire), .init(WorkerStore.list),
      .init(ProgressStore.hindrance), .init(DiagnosisStore.server),
      .init(DiagnosisStore.oldestTransaction), .init(DiagnosisStore.tables),
    ]
  }
}

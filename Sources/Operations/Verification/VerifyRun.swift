import Connectors
import Domain
import Stores

/// Verifies one claimed partition: asks for the source's own totals, lists what they do not prove,
/// judges what does not stand as it should, and writes what that came to.
///
/// Every step is committed with its checkpoint under the fence and lease of the claim, so a
/// verification that dies goes on where it was.
struct VerifyRun: Sendable {
  /// How many records are judged in one step.
  static let judgedTogether = 2_000

  let claimed: ClaimedPartition
  let work: BackfillWork
  let verifier: any SourceVerifier
  let makeCommitter: @Sendable () -> Committer
  let steps: VerificationCommitter
  let control: RunControl
  let leaseSeconds: Double
  let now: @Sendable () -> Instant

  func run() async -> RunEnd {
    switch control.current {
    case .yield(let reason): return .yielded(reason: reason)
    case .abandon: return .lost
    case .proceed: break
    }
    switch claimed.checkpoint.flatMap({ VerificationCheckpoint($0) }) {
    case nil: return await begin()
    case .listing(let mark, let cursor): return await list(from: cursor, mark: mark, requests: 0)
    case .judging(let mark, let place):
      return await judge(after: place, mark: mark, from: claimed.batchSequence)
    }
  }

  private var held: HeldPartition { HeldPartition(id: claimed.id, fence: claimed.fence) }

  private func begin() async -> RunEnd {
    switch await steps.begin(held) {
    case .refused(let failure): return failed(failure, after: claimed.batchSequence)
    case .lost: return .lost
    case .begun(let mark): return await compareTotals(mark: mark)
    }
  }

  /// Where the totals agree, that is the proof; where they do not, a list tells what differs.
  private func compareTotals(mark: Int64) async -> RunEnd {
    let answer: TotalsAnswer
    do throws(SourceFailure) {
      if let patience = await work.gate.pass() { throw patience }
      answer = try await verifier.totals(of: claimed.window)
      work.gate.served()
    } catch {
      return failed(work.gate.noted(error), after: claimed.batchSequence)
    }
    control.moved(at: now())
    guard let totals = answer.totals else {
      return await list(from: nil, mark: mark, requests: answer.requests)
    }
    switch await steps.sumStore(stream: work.row.streamID, window: claimed.window) {
    case .failure(let failure): return failed(failure, after: claimed.batchSequence)
    case .success(let store):
      guard totals.isEqual(to: store) else {
        return await list(from: nil, mark: mark, requests: answer.requests)
      }
      return await conclude(
        VerificationStep.End(method: .totals, totals: (totals, store), day: firstDay),
        after: claimed.batchSequence, requests: answer.requests)
    }
  }

  private var firstDay: CivilDate { work.zone.civilDate(of: claimed.window.from) }

  private func list(from cursor: String?, mark: Int64, requests: Int) async -> RunEnd {
    let evaluator = work.evaluator.over(.always)
    let taker = ListTaker(
      run: self, mark: mark, evaluator: evaluator, sequence: claimed.batchSequence,
      requests: requests)
    do throws(SourceFailure) {
      if let patience = await work.gate.pass() { throw patience }
      try await verifier.list(
        PageRequest(window: claimed.window, cursor: cursor, fields: evaluator.fields)
      ) { [work] page in
        work.gate.served()
        guard await taker.take(page) else { return false }
        guard page.next != nil, let patience = await work.gate.pass() else { return true }
        await taker.stop(patience)
        return false
      }
    } catch {
      await taker.stop(work.gate.noted(error))
    }
    if let end = await taker.end { return end }
    return await judge(after: nil, mark: mark, from: await taker.sequence)
  }

  /// A batch of what was listed, as the store takes it.
  func order(
    _ batch: Batch, sequence: Int32, mark: Int64, next: String?
  ) -> CommitOrder {
    let checkpoint =
      next.map { VerificationCheckpoint.listing(mark: mark, cursor: $0) }
      ?? .judging(mark: mark, after: nil)
    return CommitOrder(
      partition: claimed.id, fence: claimed.fence, sequence: sequence, stream: work.row.streamID,
      policy: work.row.policy, exclude: work.stream.exclude,
      measures: work.evaluator.measureNames,
      rejectLimit: RejectLimit(share: work.stream.rejectLimit), cursor: checkpoint.text, end: nil,
      isProbe: false, leaseSeconds: leaseSeconds, batch: batch,
      listing: CommitOrder.Listing(mark: mark, isLast: next == nil))
  }

  private func judge(
    after place: VerificationCheckpoint.Place?, mark: Int64, from first: Int32
  ) async -> RunEnd {
    var place = place
    var sequence = first
    while true {
      switch control.current {
      case .abandon: return .lost
      case .yield(let reason): return .yielded(reason: reason)
      case .proceed: break
      }
      let suspects: [SuspectRow]
      switch await steps.suspects(
        of: claimed.id, stream: work.row.streamID, after: place, limit: Self.judgedTogether)
      {
      case .failure(let failure): return failed(failure, after: sequence)
      case .success(let found): suspects = found
      }
      guard let last = suspects.last else { return await conclude(after: sequence) }
      place = last.place
      let step = VerificationStep(
        held: held, sequence: sequence + 1, stream: work.row.streamID,
        checkpoint: VerificationCheckpoint.judging(mark: mark, after: place).text,
        leaseSeconds: leaseSeconds,
        verdicts: suspects.map { suspect in
          (
            suspect.place,
            Verdict.of(
              suspect.standing, under: work.row.policy, isElsewhere: suspect.isElsewhere)
          )
        })
      if let end = await commit(step, after: sequence) { return end }
      sequence += 1
      control.moved(at: now())
    }
  }

  private func conclude(after sequence: Int32) async -> RunEnd {
    switch await steps.daySums(of: claimed.id) {
    case .failure(let failure): return failed(failure, after: sequence)
    case .success(let sums):
      return await conclude(
        VerificationStep.End(
          method: .listing, day: firstDay,
          unequalSums: sums.filter { !$0.isEqual }.map(\.key)),
        after: sequence, requests: 0)
    }
  }

  private func conclude(
    _ end: VerificationStep.End, after sequence: Int32, requests: Int
  ) async -> RunEnd {
    let step = VerificationStep(
      held: held, sequence: sequence + 1, stream: work.row.streamID, checkpoint: nil,
      leaseSeconds: leaseSeconds, requests: requests, end: end)
    return await commit(step, after: sequence) ?? .ended(.succeeded, OutcomeCounts())
  }

  /// Nil where the step is durable.
  private func commit(_ step: VerificationStep, after sequence: Int32) async -> RunEnd? {
    switch await steps.commit(step) {
    case .committed: nil
    case .lost: .lost
    case .expired: .expired
    case .refused(let failure): failed(failure, after: sequence)
    }
  }

  func failed(_ failure: SourceFailure, after sequence: Int32) -> RunEnd {
    .failed(
      failure, madeProgress: sequence > claimed.batchSequence, hold: work.gate.takeHold())
  }
}

import Connectors
import Domain
import Stores

/// Runs one claimed partition: reads it batch by batch and commits each, the next being read while
/// the last commits.
struct PartitionRun {
  let claimed: ClaimedPartition
  let work: BackfillWork
  let committer: Committer
  let control: RunControl
  let leaseSeconds: Double
  let budget: PartitionBudget
  let now: @Sendable () -> Instant
  let tell: @Sendable (Event) -> Void

  func run() async -> RunEnd {
    switch control.current {
    case .yield(let reason): return .yielded(reason: reason)
    case .abandon: return .lost
    case .proceed: break
    }
    let evaluator = work.evaluator.over(claimed.window)
    let feed = PageFeed(
      reader: work.connector.reader(of: claimed.window, fields: evaluator.fields), gate: work.gate)
    let reader = BatchReader(
      feed: feed, evaluator: evaluator, cursor: claimed.checkpoint, control: control, now: now)
    let end = await run(reader, measures: evaluator.measureNames)
    await reader.stop()
    return end
  }

  private func run(_ reader: BatchReader, measures: [String]) async -> RunEnd {
    var reading = await reader.next()
    var sequence = claimed.batchSequence
    var cursor = claimed.checkpoint
    var records = OutcomeCounts()
    var growth = Growth(of: claimed, in: work, budget: budget, at: now())
    if let end = emptyEnd(reading) { return end }
    while true {
      if control.current == .abandon { return .lost }
      // A failure before anything was read leaves nothing to commit.
      if case .failed(let failure, _) = reading.end, reading.batch.isEmpty {
        return failed(failure, at: cursor)
      }
      let order = order(reading, sequence: sequence + 1, measures: measures)
      let startedAt = now()
      let following: BatchReader.Reading?
      let end: Committer.End
      if case .more = reading.end, order.end == nil, control.current == .proceed {
        async let next = reader.next()
        end = await committer.commit(order)
        guard case .committed = end else { return self.end(of: end, at: cursor) }
        following = await next
      } else {
        end = await committer.commit(order)
        following = nil
      }
      guard case .committed(let counts, let state) = end else {
        return self.end(of: end, at: cursor)
      }
      sequence += 1
      cursor = order.cursor
      records = records + counts
      let committedAt = now()
      control.moved(at: committedAt)
      tell(
        .batchCommitted(
          claimed.id, stream: work.row.stream, sequence: Int(sequence), records: counts,
          microseconds: committedAt.microseconds - startedAt.microseconds))
      if state != .running { return .ended(state, records) }
      if case .failed(let failure, _) = reading.end {
        return failed(failure, at: cursor)
      }
      switch control.current {
      case .abandon: return .lost
      case .yield(let reason) where following == nil: return .yielded(reason: reason)
      case .yield, .proceed: break
      }
      growth.note(order.batch, records: counts)
      if following?.isLast != true,
        case .shareOut(let cut, let rest) = growth.decide(at: committedAt)
      {
        return .outgrown(cut: cut, rest: rest, requests: following?.requests ?? 0)
      }
      if let following {
        reading = following
      } else {
        reading = await reader.next()
      }
    }
  }

  /// A partition that had nothing to store from the start needs no batch.
  private func emptyEnd(_ reading: BatchReader.Reading) -> RunEnd? {
    // What was rejected earlier is judged by the commit of the last batch, be it empty.
    guard case .last = reading.end, reading.batch.read == 0, claimed.rejected == 0 else {
      return nil
    }
    return .empty(requests: reading.batch.requests)
  }

  private func order(
    _ reading: BatchReader.Reading, sequence: Int32, measures: [String]
  ) -> CommitOrder {
    let (cursor, end) = outcome(of: reading)
    return CommitOrder(
      partition: claimed.id, fence: claimed.fence, sequence: sequence, stream: work.row.streamID,
      policy: work.row.policy, exclude: work.stream.exclude, measures: measures,
      rejectLimit: RejectLimit(share: work.stream.rejectLimit), cursor: cursor, end: end,
      isProbe: false, leaseSeconds: leaseSeconds, batch: reading.batch)
  }

  private func outcome(of reading: BatchReader.Reading) -> (String?, CommitOrder.End?) {
    let refused: CommitOrder.End? =
      reading.batch.hasRefusedPage
      ? .failed(
        kind: .tooManyRejected,
        message: "Every record of a page was rejected; the stream's definition does not fit.")
      : nil
    switch reading.end {
    case .more(let cursor): return (cursor, refused)
    case .last: return (nil, refused ?? .succeeded)
    case .failed(_, let cursor): return (cursor, refused)
    }
  }

  /// Only a checkpoint that moved is progress: what was committed without one is read again.
  private func failed(_ failure: SourceFailure, at cursor: String?) -> RunEnd {
    .failed(failure, madeProgress: cursor != claimed.checkpoint, hold: work.gate.takeHold())
  }

  private func end(of end: Committer.End, at cursor: String?) -> RunEnd {
    switch end {
    case .committed(let counts, let state): .ended(state, counts)
    case .lost: .lost
    case .expired: .expired
    case .refused(let failure): failed(failure, at: cursor)
    }
  }
}

import Connectors
import Domain
import Stores

/// Takes the pages of a list that is read to verify, and commits them batch by batch.
actor ListTaker {
  private let run: VerifyRun
  private let mark: Int64
  private var evaluator: RecordEvaluator
  private var batch = Batch()
  private var cursor: String?
  private var startedAt: Instant
  /// Requests that belong to no page.
  private var requests: Int
  /// The last batch that is committed.
  private(set) var sequence: Int32
  /// How the run ends; nil where the list came to its end.
  private(set) var end: RunEnd?

  init(
    run: VerifyRun, mark: Int64, evaluator: RecordEvaluator, sequence: Int32, requests: Int
  ) {
    self.run = run
    self.mark = mark
    self.evaluator = evaluator
    self.sequence = sequence
    self.requests = requests
    startedAt = run.now()
  }

  /// Takes a page; false when no more is wanted.
  func take(_ page: Page) async -> Bool {
    batch.add(page.bytes, page.scan, requests: page.requests + requests, by: &evaluator)
    requests = 0
    cursor = page.next
    let time = run.now()
    run.control.moved(at: time)
    let isFull =
      batch.byteCount >= BatchReader.byteLimit
      || time.microseconds - startedAt.microseconds >= BatchReader.ageLimit
    guard page.next == nil || isFull || run.control.current != .proceed else { return true }
    await commit()
    switch run.control.current {
    case .abandon: end = end ?? .lost
    case .yield(let reason) where page.next != nil: end = end ?? .yielded(reason: reason)
    case .yield, .proceed: break
    }
    return end == nil
  }

  /// Keeps what was taken before the source failed, and ends the run with that failure.
  func stop(_ failure: SourceFailure) async {
    if !batch.isEmpty, cursor != nil, end == nil { await commit() }
    end = end ?? run.failed(failure, after: sequence)
  }

  private func commit() async {
    if run.control.current == .abandon {
      end = .lost
      return
    }
    let order = run.order(batch, sequence: sequence + 1, mark: mark, next: cursor)
    switch await run.makeCommitter().commit(order) {
    case .committed: sequence += 1
    case .lost: end = .lost
    case .expired: end = .expired
    case .refused(let failure): end = run.failed(failure, after: sequence)
    }
    batch = Batch()
    startedAt = run.now()
    run.control.moved(at: startedAt)
  }
}

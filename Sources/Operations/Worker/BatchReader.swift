import Connectors
import Domain

/// Gathers pages into batches, up to a bound of bytes and of time.
actor BatchReader {
  /// A batch is committed when its pages hold so many bytes: 2 MiB are about 4,500 records of 450
  /// bytes, from where on larger batches gain little.
  static let byteLimit = 2 << 20
  /// A batch is committed when its first page is so many microseconds old.
  static let ageLimit: Int64 = 1_000_000

  /// What was read, and how it goes on.
  struct Reading: Sendable {
    /// How the reading ended.
    enum End: Sendable {
      /// There is more, from a cursor on.
      case more(cursor: String)
      /// That was the last page.
      case last
      /// The source did not give the next page; the batch before it is sound.
      case failed(SourceFailure, cursor: String?)
    }

    var batch: Batch
    var end: End

    /// Whether the source has ended.
    var isLast: Bool {
      if case .last = end { true } else { false }
    }

    /// How many requests it took, one that failed included.
    var requests: Int {
      guard case .failed(let failure, _) = end else { return batch.requests }
      return batch.requests + failure.requests
    }
  }

  private var feed: PageFeed
  private var evaluator: RecordEvaluator
  private var cursor: String?
  private let control: RunControl
  private let now: @Sendable () -> Instant

  init(
    feed: PageFeed, evaluator: RecordEvaluator, cursor: String?, control: RunControl,
    now: @escaping @Sendable () -> Instant
  ) {
    self.feed = feed
    self.evaluator = evaluator
    self.cursor = cursor
    self.control = control
    self.now = now
  }

  /// Reads until the batch is full, the source ends or fails, or the run is told to stop.
  func next() async -> Reading {
    var batch = Batch()
    let startedAt = now()
    while true {
      let next: String?
      do throws(SourceFailure) {
        let page = try await feed.page(at: cursor)
        batch.add(page.bytes, page.scan, requests: page.requests, by: &evaluator)
        next = page.next
      } catch {
        await feed.stop()
        return Reading(batch: batch, end: .failed(error, cursor: cursor))
      }
      let time = now()
      control.moved(at: time)
      guard let next else { return Reading(batch: batch, end: .last) }
      cursor = next
      let isFull =
        batch.byteCount >= Self.byteLimit
        || time.microseconds - startedAt.microseconds >= Self.ageLimit
      if isFull || batch.hasRefusedPage || control.current != .proceed {
        return Reading(batch: batch, end: .more(cursor: next))
      }
    }
  }

  /// Gives up what is being fetched, and returns once nothing is held open any more.
  func stop() async {
    await feed.stop()
  }
}

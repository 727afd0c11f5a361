import Connectors
import Domain
import JSON

/// A reader whose pages, all but the first, come only when the task is cancelled, and then late.
actor SlowReader: PartitionReader {
  /// What happened, in order.
  private(set) var story: [String] = []
  private var waiting: [(pages: Int, CheckedContinuation<Void, Never>)] = []

  func page(at cursor: String?) async throws(SourceFailure) -> Page {
    story.append("begin \(cursor ?? "nil")")
    wakeWhoWaits()
    if cursor != nil {
      while !Task.isCancelled { await Task.yield() }
      for _ in 0..<100 { await Task.yield() }
    }
    story.append("end \(cursor ?? "nil")")
    let scan = ScannedPage(records: [], fields: [], fieldCount: 0, envelope: [])
    return Page(bytes: [], scan: scan, next: "1", requests: 1)
  }

  func close() {
    story.append("close")
  }

  /// Returns once so many pages were asked for.
  func begun(pages: Int) async {
    guard begins < pages else { return }
    await withCheckedContinuation { waiting.append((pages, $0)) }
  }

  private var begins: Int { story.count { $0.hasPrefix("begin") } }

  private func wakeWhoWaits() {
    for (pages, continuation) in waiting where begins >= pages { continuation.resume() }
    waiting.removeAll { begins >= $0.pages }
  }
}

import Connectors
import Domain

/// Reads the pages of a partition one after the other, the next while the last is worked on.
actor PageFeed {
  private let reader: any PartitionReader
  private let gate: SourceGate
  private var upcoming: Task<Result<Page, SourceFailure>, Never>?

  init(reader: any PartitionReader, gate: SourceGate) {
    self.reader = reader
    self.gate = gate
  }

  /// The page at a cursor; and the one after it is begun to be fetched.
  func page(at cursor: String?) async throws(SourceFailure) -> Page {
    let fetching = upcoming ?? fetch(cursor)
    upcoming = nil
    let result = await withTaskCancellationHandler {
      await fetching.value
    } onCancel: {
      fetching.cancel()
    }
    let page = try result.get()
    if let next = page.next { upcoming = fetch(next) }
    return page
  }

  /// Gives up the page that is being fetched, and returns once nothing is held open any more.
  func stop() async {
    let fetching = upcoming
    upcoming = nil
    fetching?.cancel()
    // A reader has one user: it is closed when nothing is asked of it any more.
    _ = await fetching?.value
    await reader.close()
  }

  private func fetch(_ cursor: String?) -> Task<Result<Page, SourceFailure>, Never> {
    Task { [reader, gate] in
      if let patience = await gate.pass() { return .failure(patience) }
      do throws(SourceFailure) {
        let page = try await reader.page(at: cursor)
        gate.served()
        return .success(page)
      } catch {
        return .failure(gate.noted(error))
      }
    }
  }
}

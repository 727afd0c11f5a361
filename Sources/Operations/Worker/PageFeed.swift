import Connectors
import Domain

/// Reads the pages of a partition one after the other, the next while the last is worked on.
actor PageFeed {
  private let reader: any PartitionReader
  private var upcoming: Task<Result<Page, SourceFailure>, Never>?

  init(reader: any PartitionReader) {
    self.reader = reader
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
    upcoming?.cancel()
    upcoming = nil
    await reader.close()
  }

  private func fetch(_ cursor: String?) -> Task<Result<Page, SourceFailure>, Never> {
    Task { [reader] in
      do throws(SourceFailure) {
        return .success(try await reader.page(at: cursor))
      } catch {
        return .failure(error)
      }
    }
  }
}

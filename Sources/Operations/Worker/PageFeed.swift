import Connectors
import Domain

/// Reads the pages of a partition one after the other, the next while the last is worked on.
actor PageFeed {
  private let connector: any Connector
  private let window: Window
  private let evaluatorFields: RecordEvaluator
  private let gate: SourceGate
  private var upcoming: Task<Result<Page, SourceFailure>, Never>?

  init(
    connector: any Connector, window: Window, evaluator: RecordEvaluator, gate: SourceGate
  ) {
    self.connector = connector
    self.window = window
    evaluatorFields = evaluator
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

  /// Gives up the page that is being fetched.
  func stop() {
    upcoming?.cancel()
    upcoming = nil
  }

  private func fetch(_ cursor: String?) -> Task<Result<Page, SourceFailure>, Never> {
    let request = PageRequest(window: window, cursor: cursor, fields: evaluatorFields.fields)
    return Task { [connector, gate] in
      if let patience = await gate.pass() { return .failure(patience) }
      do throws(SourceFailure) {
        let page = try await connector.page(request)
        gate.served()
        return .success(page)
      } catch {
        return .failure(gate.noted(error))
      }
    }
  }
}

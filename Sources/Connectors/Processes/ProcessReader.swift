import Domain
import JSON

/// Reads one partition through a process, which lives from the first page to the last.
actor ProcessReader: PartitionReader {
  private let connector: ProcessConnector
  private let window: Window
  private let fields: [JSONPath]
  private var run: ProcessRun?
  /// What the run has of the source's budget, of which it is one request for as long as it lives.
  private var permit: Permit?
  /// Where the run goes on.
  private var position: String?

  init(_ connector: ProcessConnector, window: Window, fields: [JSONPath]) {
    self.connector = connector
    self.window = window
    self.fields = fields
  }

  func page(at cursor: String?) async throws(SourceFailure) -> Page {
    let run = try await run(at: cursor)
    let page = try await run.page()
    position = page.next
    return page
  }

  func close() async {
    guard let run else { return }
    self.run = nil
    await run.end()
    await release()
  }

  private func release() async {
    guard let permit else { return }
    self.permit = nil
    await connector.permits.settle(permit, .unanswered)
  }

  private func run(at cursor: String?) async throws(SourceFailure) -> ProcessRun {
    if let run, position == cursor { return run }
    await close()
    let start = cursor.map { ProcessCursor($0) } ?? ProcessCursor(state: nil)
    guard let start else {
      throw SourceFailure(
        .misconfigured, "The checkpoint holds no state that a program could go on from.")
    }
    permit = try await connector.permits.take(for: connector.request)
    do throws(SourceFailure) {
      let started = try await connector.start(window, fields: fields, at: start)
      run = started
      position = cursor
      return started
    } catch {
      await release()
      throw error
    }
  }
}

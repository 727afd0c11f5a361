import Connectors
import Domain
import Foundation
import JSON

/// A connector that answers each cursor as a test says, and remembers what it was asked.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class ScriptedConnector: Connector, @unchecked Sendable {
  typealias Answer = Result<(records: String, next: String?), SourceFailure>

  private let lock = NSLock()
  private var cursors: [String?] = []
  private let answer: @Sendable (String?) -> Answer

  init(_ answer: @escaping @Sendable (String?) -> Answer) {
    self.answer = answer
  }

  /// The cursors that were asked for, in order.
  var asked: [String?] { lock.withLock { cursors } }

  func check() async throws(SourceFailure) {}

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    lock.withLock { cursors.append(request.cursor) }
    let (records, next) = try answer(request.cursor).get()
    let bytes = Array(records.utf8)
    let scanner = RecordScanner(records: JSONPath(""), envelope: [], fields: request.fields)
    do throws(JSONError) {
      let scan = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
      return Page(bytes: bytes, scan: scan, next: next, requests: 1)
    } catch {
      throw SourceFailure(.invalidPage, "\(error)")
    }
  }
}

/// The window of the tests' records, which happened at second 1.
let firstSeconds = Window(
  from: Instant(microseconds: 0), to: Instant(microseconds: 10_000_000))

/// An evaluator of records with `id` and `at`.
func evaluator() throws -> RecordEvaluator {
  try RecordEvaluator(
    stream: StreamDefinition(
      name: "shop.orders", key: KeyTemplate(texts: ["order:", ""], fields: [JSONPath("id")]),
      eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds)),
    policy: .newVersion, window: firstSeconds)
}

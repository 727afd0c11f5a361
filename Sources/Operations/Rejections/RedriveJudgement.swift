import Domain
import JSON
import Stores

/// What is to become of rejected records under a definition: the batch of those that can be taken
/// now, and why the others cannot.
struct RedriveJudgement {
  /// The rejections whose records are in the batch, in order.
  private(set) var taken: [Int64] = []
  /// The others.
  private(set) var refused: [(id: Int64, reason: RejectionReason)] = []
  /// The records that can be taken.
  private(set) var batch = Batch()
  /// What the partitions covered in which they were read; nil where none can be taken.
  private(set) var window: Window?

  private let scanner: RecordScanner
  private let fieldCount: Int

  /// Judges each record against the window of the partition in which it was read.
  init(_ rows: [RejectionRow], under stream: StreamDefinition) throws(InputFault) {
    scanner = RecordScanner(records: JSONPath(""), envelope: [], fields: stream.fields)
    fieldCount = stream.fields.count
    var evaluators: [Window: RecordEvaluator] = [:]
    for row in rows {
      var evaluator: RecordEvaluator
      if let known = evaluators[row.window] {
        evaluator = known
      } else {
        evaluator = try RecordEvaluator(
          stream: stream, policy: stream.policy, window: row.window)
      }
      judge(row, by: &evaluator)
      evaluators[row.window] = evaluator
    }
  }

  private mutating func judge(_ row: RejectionRow, by evaluator: inout RecordEvaluator) {
    let (bytes, scan) = page(of: row.record)
    // Alone first: a batch does not give back what was added to it.
    var trial = Batch()
    trial.add(bytes, scan, requests: 0, by: &evaluator)
    if let refusal = trial.rejected.first {
      refused.append((row.id, refusal.reason))
      return
    }
    batch.add(bytes, scan, requests: 0, by: &evaluator)
    taken.append(row.id)
    let known = window ?? row.window
    window = Window(from: min(known.from, row.window.from), to: max(known.to, row.window.to))
  }

  /// A page of this record alone; one that is not JSON is as malformed as it was.
  private func page(of record: [UInt8]) -> (bytes: [UInt8], scan: ScannedPage) {
    let bytes = [UInt8(ascii: "[")] + record + [UInt8(ascii: "]")]
    do throws(JSONError) {
      let scan = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
      if scan.records.count == 1 { return (bytes, scan) }
    } catch {
      // What cannot be read as JSON is told by the flaw.
    }
    let flawed = ScannedPage.Record(start: 1, end: Int32(bytes.count - 1), flaw: .malformed)
    let fields = [JSONSlice](repeating: .missing, count: fieldCount)
    return (
      bytes, ScannedPage(records: [flawed], fields: fields, fieldCount: fieldCount, envelope: [])
    )
  }
}

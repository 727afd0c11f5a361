public import Crypto
public import JSON

/// The records of one commit, evaluated: what is to be stored, and what became of the rest.
///
/// Positions count the records of the batch from 1, in the order read.
public struct Batch: Sendable {
  /// A record to be stored.
  ///
  /// Offsets point into a page of the batch, `keys` and `measureTexts`.
  public struct Document: Sendable {
    /// The index of its page.
    public var page: Int32
    /// Where its payload lies in the page.
    public var payload: Range<Int32>
    /// Where its key lies in `keys`.
    public var key: Range<Int32>
    /// Where its measures lie in `measureTexts`; empty for none.
    public var measures: Range<Int32>
    /// Its position in the batch.
    public var position: Int32
    /// Whether another record of the batch with this key was taken instead.
    public var isDuplicate: Bool
    /// Its event time.
    public var eventAt: Instant
    /// What orders the payloads of its key, where the stream has that.
    public var version: Int64?
    /// The SHA-256 of its payload.
    public var hash: Digest
  }

  /// A record outside of the window.
  public struct Outside: Sendable {
    /// Its position in the batch.
    public var position: Int32
    /// Where its key lies in `keys`; empty when it has none.
    public var key: Range<Int32>
  }

  /// A record that cannot be taken.
  public struct Rejected: Sendable {
    /// Its position in the batch.
    public var position: Int32
    /// The index of its page.
    public var page: Int32
    /// Where it lies in the page.
    public var record: Range<Int32>
    /// Where its key lies in `keys`; empty when it has none.
    public var key: Range<Int32>
    /// Why.
    public var reason: RejectionReason
    /// Its event time, where that can be read.
    public var eventAt: Instant?
  }

  /// The pages, as the bytes that came.
  public private(set) var pages: [[UInt8]] = []
  /// The keys of all records, one behind the other.
  public private(set) var keys: [UInt8] = []
  /// The measures of all records, as they are kept beside the documents.
  public private(set) var measureTexts: [UInt8] = []
  /// The records to be stored, those set aside as duplicates among them.
  public private(set) var documents: [Document] = []
  /// The records outside of the window.
  public private(set) var outside: [Outside] = []
  /// The records that cannot be taken.
  public private(set) var rejected: [Rejected] = []
  /// How many documents were set aside as duplicates.
  public private(set) var duplicates = 0
  /// How many records were read.
  public private(set) var read = 0
  /// How many bytes the pages hold.
  public private(set) var byteCount = 0
  /// How many requests the pages took of the source.
  public private(set) var requests = 0
  /// The measures of all documents; not valid once a document was set aside.
  public private(set) var sums = MeasureSums()

  private var index = KeyIndex()

  /// A batch without records.
  public init() {}

  /// Whether no page was added.
  public var isEmpty: Bool { pages.isEmpty }

  /// Whether every record is a document to be stored.
  public var isPlain: Bool { !documents.isEmpty && documents.count == read && duplicates == 0 }

  /// Whether every record of a page of ten or more was rejected: the definition does not fit.
  public private(set) var hasRefusedPage = false

  /// Evaluates the records of a page and adds them.
  public mutating func add(
    _ bytes: [UInt8], _ scan: ScannedPage, requests: Int, by evaluator: inout RecordEvaluator
  ) {
    let page = Int32(pages.count)
    let rejectedBefore = rejected.count
    documents.reserveCapacity(documents.count + scan.records.count)
    bytes.withUnsafeBytes { raw in
      for record in scan.records.indices {
        read += 1
        add(record, of: scan, page: page, in: raw, by: &evaluator)
      }
    }
    hasRefusedPage =
      hasRefusedPage
      || (scan.records.count >= 10 && rejected.count - rejectedBefore == scan.records.count)
    pages.append(bytes)
    byteCount += bytes.count
    self.requests += requests
  }

  private mutating func add(
    _ record: Int, of scan: ScannedPage, page: Int32, in raw: UnsafeRawBufferPointer,
    by evaluator: inout RecordEvaluator
  ) {
    let position = Int32(read)
    let bounds = scan.records[record].start..<scan.records[record].end
    let keyStart = Int32(keys.count)
    let measuresStart = Int32(measureTexts.count)
    let verdict = evaluator.evaluate(
      record, of: scan, in: raw, key: &keys, measures: &measureTexts, sums: &sums)
    let key = keyStart..<Int32(keys.count)
    switch verdict {
    case .document(let eventAt, let version):
      let payload = UnsafeRawBufferPointer(
        rebasing: raw[Int(bounds.lowerBound)..<Int(bounds.upperBound)])
      add(
        Document(
          page: page, payload: bounds, key: key,
          measures: measuresStart..<Int32(measureTexts.count), position: position,
          isDuplicate: false, eventAt: eventAt, version: version,
          hash: SHA256.digest(of: payload)),
        keepsFirst: evaluator.keepsFirst)
    case .outside:
      outside.append(Outside(position: position, key: key))
    case .rejected(let reason, let eventAt):
      rejected.append(
        Rejected(
          position: position, page: page, record: bounds, key: key, reason: reason,
          eventAt: eventAt))
    }
  }

  /// Of the records of one key the first is taken where the first write stays, else the newest.
  private mutating func add(_ document: Document, keepsFirst: Bool) {
    let entry = documents.count
    documents.append(document)
    let key = Int(document.key.lowerBound)..<Int(document.key.upperBound)
    let known = documents.withUnsafeBufferPointer { documents in
      index.find(key, in: keys, or: entry) { other in
        Int(documents[other].key.lowerBound)..<Int(documents[other].key.upperBound)
      }
    }
    guard let known else { return }
    duplicates += 1
    let older = keepsFirst || (document.version ?? .min) < (documents[known].version ?? .min)
    documents[older ? entry : known].isDuplicate = true
    guard !older else { return }
    documents.withUnsafeBufferPointer { documents in
      index.replace(key, in: keys, by: entry) { other in
        Int(documents[other].key.lowerBound)..<Int(documents[other].key.upperBound)
      }
    }
  }
}

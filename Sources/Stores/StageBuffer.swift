import Crypto
import Domain
import JSON
import Postgres

/// The rows of one batch in the form that COPY takes; its memory is used again and again.
public final class StageBuffer {
  private static let columns: Int16 = 8
  /// Made when it is needed first: many partitions have nothing to store.
  private(set) lazy var rows = CopyBuffer()

  /// An empty buffer.
  public init() {}

  /// The bytes that the last batch took.
  public var byteCount: Int { rows.byteCount }

  /// Writes the header, then every record by what became of it.
  func fill(_ order: CommitOrder) {
    rows.reset()
    begin("h", position: nil)
    for _ in 0..<5 { rows.appendNull() }
    rows.append(CommitHeader(order: order).json)
    order.batch.keys.withUnsafeBytes { keys in
      order.batch.measureTexts.withUnsafeBytes { measures in
        appendDocuments(of: order.batch, keys: keys, measures: measures)
      }
      appendOutside(of: order.batch, keys: keys)
      appendRejected(of: order.batch, keys: keys)
    }
  }

  private func appendDocuments(
    of batch: Batch, keys: UnsafeRawBufferPointer, measures: UnsafeRawBufferPointer
  ) {
    var page: Int32 = -1
    var payloads = UnsafeRawBufferPointer(start: nil, count: 0)
    batch.documents.withUnsafeBufferPointer { documents in
      var index = 0
      // Page by page, because the bytes of a page are in place only while its body runs.
      while index < documents.count {
        page = documents[index].page
        batch.pages[Int(page)].withUnsafeBytes { bytes in
          payloads = bytes
          while index < documents.count, documents[index].page == page {
            append(documents[index], keys, measures, payloads)
            index += 1
          }
        }
      }
    }
  }

  private func append(
    _ document: Batch.Document, _ keys: UnsafeRawBufferPointer,
    _ measures: UnsafeRawBufferPointer, _ payloads: UnsafeRawBufferPointer
  ) {
    if document.isDuplicate {
      begin("x", position: document.position)
      rows.appendNull()
      rows.appendNull()
      rows.append(keys[document.key])
      for _ in 0..<3 { rows.appendNull() }
      return
    }
    begin("d", position: document.position)
    rows.append(timestamp: document.eventAt.microseconds)
    rows.append(document.version)
    rows.append(keys[document.key])
    document.hash.withUnsafeBytes { rows.append($0) }
    if document.measures.isEmpty {
      rows.appendNull()
    } else {
      rows.append(measures[document.measures])
    }
    rows.append(payloads[document.payload])
  }

  private func appendOutside(of batch: Batch, keys: UnsafeRawBufferPointer) {
    for record in batch.outside {
      begin("o", position: record.position)
      rows.appendNull()
      rows.appendNull()
      appendKey(record.key, keys)
      for _ in 0..<3 { rows.appendNull() }
    }
  }

  private func appendRejected(of batch: Batch, keys: UnsafeRawBufferPointer) {
    for record in batch.rejected {
      begin("r", position: record.position)
      if let eventAt = record.eventAt {
        rows.append(timestamp: eventAt.microseconds)
      } else {
        rows.appendNull()
      }
      rows.appendNull()
      appendKey(record.key, keys)
      batch.pages[Int(record.page)].withUnsafeBytes { rows.append($0[record.record]) }
      rows.appendNull()
      let why: JSONValue = .object([
        "reason": .string(record.reason.name), "message": .string(record.reason.message),
        "retryable": .bool(record.reason.isRetryable),
      ])
      rows.append(why.encoded())
    }
  }

  private func begin(_ kind: StaticString, position: Int32?) {
    rows.beginRow(columns: Self.columns)
    rows.append(kind.utf8Start, count: kind.utf8CodeUnitCount)
    rows.append(position)
  }

  private func appendKey(_ key: Range<Int32>, _ keys: UnsafeRawBufferPointer) {
    if key.isEmpty {
      rows.appendNull()
    } else {
      rows.append(keys[key])
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes of a span of offsets.
  subscript(span: Range<Int32>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[Int(span.lowerBound)..<Int(span.upperBound)])
  }
}

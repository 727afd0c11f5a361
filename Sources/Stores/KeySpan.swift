import Domain

/// The first and the last key of a batch's documents, in byte order, as the store orders keys.
struct KeySpan {
  let first: String
  let last: String

  /// Nil for a batch without documents.
  init?(_ batch: Batch) {
    let span = batch.keys.withUnsafeBytes { keys -> (first: Range<Int32>, last: Range<Int32>)? in
      guard var span = batch.documents.first.map({ (first: $0.key, last: $0.key) }) else {
        return nil
      }
      for document in batch.documents.dropFirst() {
        if keys.precedes(document.key, span.first) { span.first = document.key }
        if keys.precedes(span.last, document.key) { span.last = document.key }
      }
      return span
    }
    guard let span else { return nil }
    first = Self.text(span.first, in: batch.keys)
    last = Self.text(span.last, in: batch.keys)
  }

  private static func text(_ key: Range<Int32>, in keys: [UInt8]) -> String {
    String(decoding: keys[Int(key.lowerBound)..<Int(key.upperBound)], as: UTF8.self)
  }
}

import Domain
import Glibc

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
        if Self.precedes(document.key, span.first, in: keys) { span.first = document.key }
        if Self.precedes(span.last, document.key, in: keys) { span.last = document.key }
      }
      return span
    }
    guard let span else { return nil }
    first = Self.text(span.first, in: batch.keys)
    last = Self.text(span.last, in: batch.keys)
  }

  private static func precedes(
    _ one: Range<Int32>, _ other: Range<Int32>, in keys: UnsafeRawBufferPointer
  ) -> Bool {
    guard let start = keys.baseAddress else { return false }
    let order = memcmp(
      start + Int(one.lowerBound), start + Int(other.lowerBound), min(one.count, other.count))
    return order < 0 || order == 0 && one.count < other.count
  }

  private static func text(_ key: Range<Int32>, in keys: [UInt8]) -> String {
    String(decoding: keys[Int(key.lowerBound)..<Int(key.upperBound)], as: UTF8.self)
  }
}

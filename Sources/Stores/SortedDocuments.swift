import Crypto
import Domain
import Glibc
import Postgres

/// The documents of a batch in the order of their keys' bytes, as two arrays for the server.
struct SortedDocuments {
  private let batch: Batch
  /// Indexes into the batch's documents.
  private let order: [Int]

  init(_ batch: Batch) {
    self.batch = batch
    order = batch.keys.withUnsafeBytes { keys in
      let documents = batch.documents
      func precedes(_ one: Int, _ other: Int) -> Bool {
        keys.precedes(documents[one].key, documents[other].key)
      }
      let asRead = Array(documents.indices)
      // Most sources give keys in order.
      let isSorted = zip(asRead, asRead.dropFirst()).allSatisfy(precedes)
      return isSorted ? asRead : asRead.sorted(by: precedes)
    }
  }

  /// The keys, ascending.
  var keys: Keys { Keys(documents: self) }

  /// The hashes of the payloads, in the order of the keys.
  var hashes: Hashes { Hashes(documents: self) }

  /// A `text[]` of keys; they hold no NUL, as no record with one has a key.
  struct Keys: PostgresEncodable {
    fileprivate let documents: SortedDocuments

    static var postgresType: PostgresType { .textArray }

    func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
      bytes.beginArray(of: .text, count: documents.order.count)
      documents.batch.keys.withUnsafeBytes { keys in
        for index in documents.order {
          bytes.appendElement(keys[documents.batch.documents[index].key])
        }
      }
    }
  }

  /// A `bytea[]` of hashes.
  struct Hashes: PostgresEncodable {
    fileprivate let documents: SortedDocuments

    static var postgresType: PostgresType { .byteaArray }

    func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
      bytes.beginArray(of: .bytea, count: documents.order.count)
      for index in documents.order {
        documents.batch.documents[index].hash.withUnsafeBytes { bytes.appendElement($0) }
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether one span of bytes comes before another, as the collation "C" has it.
  func precedes(_ one: Range<Int32>, _ other: Range<Int32>) -> Bool {
    let (left, right) = (self[one], self[other])
    guard let first = left.baseAddress, let second = right.baseAddress else {
      return left.count < right.count
    }
    let difference = memcmp(first, second, Swift.min(left.count, right.count))
    return difference == 0 ? left.count < right.count : difference < 0
  }
}

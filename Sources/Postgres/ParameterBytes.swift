/// The bytes of parameters, one behind the other, in network order.
public struct ParameterBytes: Sendable {
  private(set) var storage: [UInt8] = []

  var count: Int { storage.count }

  /// Appends a number, its highest byte first.
  public mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.bigEndian) { storage.append(contentsOf: $0) }
  }

  /// Appends bytes as they are.
  public mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
    storage.append(contentsOf: bytes)
  }

  /// Appends text; throws where it holds a NUL, which PostgreSQL cannot store.
  public mutating func append(_ text: String) throws(PostgresError) {
    let start = storage.count
    storage.append(contentsOf: text.utf8)
    guard !storage[start...].contains(0) else {
      throw PostgresError(.encoding, "A text holds a NUL character, which PostgreSQL cannot store.")
    }
  }

  /// Begins an array of one dimension without NULLs; exactly `count` elements must follow.
  public mutating func beginArray(of element: PostgresType, count: Int) {
    append(Int32(count == 0 ? 0 : 1))
    append(Int32(0))
    append(element.oid)
    guard count > 0 else { return }
    append(Int32(clamping: count))
    append(Int32(1))
  }

  /// Appends the next element of an array as the bytes that it has.
  public mutating func appendElement(_ bytes: UnsafeRawBufferPointer) {
    append(Int32(clamping: bytes.count))
    append(contentsOf: bytes)
  }

  /// Writes the length of what `body` appends in front of it.
  mutating func appendCounted(
    _ body: (inout ParameterBytes) throws(PostgresError) -> Void
  ) throws(PostgresError) {
    let start = storage.count
    append(Int32(0))
    try body(&self)
    let length = try Self.length(storage.count - start - 4)
    withUnsafeBytes(of: length.bigEndian) {
      storage.replaceSubrange(start..<start + 4, with: $0)
    }
  }

  /// A length as the protocol has it; throws beyond what PostgreSQL takes for one value, 1 GB.
  static func length(_ count: Int) throws(PostgresError) -> Int32 {
    guard count < 1 << 30 else {
      throw PostgresError(
        .encoding, "A parameter has \(count) bytes; PostgreSQL takes less than 1 GB.")
    }
    return Int32(count)
  }
}

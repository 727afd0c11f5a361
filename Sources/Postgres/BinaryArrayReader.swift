/// Reads PostgreSQL's binary form of an array.
struct BinaryArrayReader {
  private var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    rest = bytes
  }

  /// The number of elements; throws for more than one dimension.
  mutating func readHeader() throws(FieldFault) -> Int {
    let dimensions = try readInt32()
    _ = (try readInt32(), try readInt32())  // whether it holds NULL; the element's type
    guard dimensions != 0 else { return 0 }
    guard dimensions == 1 else { throw .malformed }
    let count = try readInt32()
    _ = try readInt32()  // the lower bound
    // Each element takes four bytes at least, so a wild count cannot ask for wild memory.
    guard count >= 0, Int(count) <= rest.count / 4 else { throw .malformed }
    return Int(count)
  }

  /// The bytes of the next element, nil for NULL.
  mutating func readElement() throws(FieldFault) -> UnsafeRawBufferPointer? {
    let length = Int(try readInt32())
    guard length != -1 else { return nil }
    guard length >= 0, length <= rest.count else { throw .malformed }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length)) }
    return UnsafeRawBufferPointer(rebasing: rest.prefix(length))
  }

  private mutating func readInt32() throws(FieldFault) -> Int32 {
    guard rest.count >= 4 else { throw .malformed }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(4)) }
    return Int32(bigEndian: rest.loadUnaligned(as: Int32.self))
  }
}

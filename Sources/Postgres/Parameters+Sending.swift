import CLibPQ

extension Parameters {
  /// Sends one call of a prepared statement, all in binary form; false where libpq refused.
  func send(to handle: OpaquePointer, _ name: String) -> Bool {
    let lengths = slots.map { $0.length ?? 0 }
    let formats = [Int32](repeating: 1, count: slots.count)
    return bytes.storage.withUnsafeBytes { bytes in
      let values = slots.map { slot -> UnsafePointer<CChar>? in
        guard slot.length != nil else { return nil }
        // An empty value needs an address too: libpq takes none for NULL.
        guard let start = bytes.baseAddress else { return Self.nowhere }
        return (start + slot.offset).assumingMemoryBound(to: CChar.self)
      }
      return PQsendQueryPrepared(
        handle, name, Int32(slots.count), values, lengths, formats, 1) == 1
    }
  }

  private static var nowhere: UnsafePointer<CChar>? {
    UnsafePointer(bitPattern: MemoryLayout<Int>.alignment)
  }
}

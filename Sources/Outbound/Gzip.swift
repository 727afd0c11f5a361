/// Unpacks what came packed by gzip (RFC 1952).
///
/// libcurl could do it, but it neither notices packed bytes that end too early, nor does it know a
/// bound; here length and checksum are proved, and no more memory is taken than the sender
/// declared.
enum Gzip {
  /// Why packed bytes were not unpacked.
  enum Fault: Error, Hashable {
    /// They are broken, end too early, or are followed by something else.
    case malformed
    /// They would be larger than allowed.
    case tooLarge
  }

  /// The unpacked bytes, at most `limit` of them.
  static func unpack(_ packed: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
    let body = try packed.withUnsafeBufferPointer { (bytes) throws(Fault) in try headerEnd(bytes) }
    guard packed.count - body >= trailerLength else { throw .malformed }
    let trailer = packed.suffix(trailerLength)
    let (sum, size) = (littleEndian(trailer.prefix(4)), Int(littleEndian(trailer.suffix(4))))
    guard size <= limit else { throw .tooLarge }
    // Deflate cannot grow more than this, whatever the trailer says.
    guard size <= (packed.count - body) * 1032 else { throw .malformed }
    let unpacked = try inflated(packed[body..<(packed.count - trailerLength)], size: size)
    guard CRC32.of(unpacked) == sum else { throw .malformed }
    return unpacked
  }

  static func inflated(_ packed: ArraySlice<UInt8>, size: Int) throws(Fault) -> [UInt8] {
    var isSound = false
    // Room for one byte at least: there is no pointer to room for none.
    let unpacked = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { room, count in
      packed.withUnsafeBytes { bytes in
        guard let from = bytes.baseAddress, let to = room.baseAddress else { return }
        var inflater = Inflater(from, bytes.count, into: to, size)
        isSound = inflater.run()
        count = inflater.written
      }
    }
    guard isSound, unpacked.count == size else { throw .malformed }
    return unpacked
  }

  /// Where the packed data begin behind the header and its optional parts.
  private static func headerEnd(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> Int {
    guard bytes.count >= 10, bytes.starts(with: [0x1F, 0x8B, 8]), bytes[3] & 0xE0 == 0 else {
      throw .malformed
    }
    let flags = bytes[3]
    var place = 10
    if flags & 4 != 0 {
      guard bytes.count >= place + 2 else { throw .malformed }
      place += 2 + Int(bytes[place]) + Int(bytes[place + 1]) << 8
    }
    for flag in [8, 16] as [UInt8] where flags & flag != 0 {
      guard place < bytes.count, let end = bytes[place...].firstIndex(of: 0) else {
        throw .malformed
      }
      place = end + 1
    }
    if flags & 2 != 0 { place += 2 }
    guard place <= bytes.count else { throw .malformed }
    return place
  }

  private static let trailerLength = 8

  private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}

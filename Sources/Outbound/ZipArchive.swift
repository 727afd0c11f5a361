/// The directory of a zip archive (APPNOTE 6.3), as far as exports of APIs need it: files stored or
/// deflated, not encrypted, below 4 GiB.
///
/// Every offset and length is checked before it is used, and every file's length and checksum is
/// proved.
struct ZipArchive {
  /// A file of the archive.
  struct Entry {
    /// 0 where it is stored, 8 where it is deflated.
    var method: Int
    var checksum: UInt32
    var packedSize: Int
    var size: Int
    /// Where its own header begins.
    var header: Int
  }

  /// The files, in the order of the directory; folders are left out.
  private(set) var entries: [Entry] = []

  init(_ bytes: [UInt8]) throws(Packing.Fault) {
    let end = try Self.end(of: bytes)
    let count = try Self.number(bytes, end + 10, 2)
    var place = try Self.number(bytes, end + 16, 4)
    for _ in 0..<count {
      guard try Self.number(bytes, place, 4) == 0x0201_4B50 else { throw .malformed }
      let flags = try Self.number(bytes, place + 8, 2)
      let entry = Entry(
        method: try Self.number(bytes, place + 10, 2),
        checksum: UInt32(try Self.number(bytes, place + 16, 4)),
        packedSize: try Self.number(bytes, place + 20, 4),
        size: try Self.number(bytes, place + 24, 4),
        header: try Self.number(bytes, place + 42, 4))
      let name = try Self.number(bytes, place + 28, 2)
      guard flags & 1 == 0, entry.size != 0xFFFF_FFFF, entry.packedSize != 0xFFFF_FFFF else {
        throw .malformed
      }
      let last = place + 46 + name
      guard last <= bytes.count else { throw .malformed }
      if name == 0 || bytes[last - 1] != UInt8(ascii: "/") { entries.append(entry) }
      place =
        last + (try Self.number(bytes, place + 30, 2)) + (try Self.number(bytes, place + 32, 2))
    }
  }

  /// The content of a file, at most `limit` bytes.
  static func content(
    of entry: Entry, in bytes: [UInt8], limit: Int
  ) throws(Packing.Fault) -> [UInt8] {
    guard entry.size <= limit else { throw .tooLarge }
    guard try number(bytes, entry.header, 4) == 0x0403_4B50 else { throw .malformed }
    let start =
      entry.header + 30 + (try number(bytes, entry.header + 26, 2))
      + (try number(bytes, entry.header + 28, 2))
    guard start <= bytes.count, entry.packedSize <= bytes.count - start else { throw .malformed }
    let packed = bytes[start..<start + entry.packedSize]
    let content: [UInt8]
    switch entry.method {
    case 0 where entry.packedSize == entry.size: content = Array(packed)
    // Deflate cannot grow more than this, whatever the directory says.
    case 8 where entry.size <= entry.packedSize * 1032: content = try inflated(packed, entry.size)
    default: throw .malformed
    }
    guard CRC32.of(content) == entry.checksum else { throw .malformed }
    return content
  }

  private static func inflated(
    _ packed: ArraySlice<UInt8>, _ size: Int
  ) throws(Packing.Fault) -> [UInt8] {
    do throws(Gzip.Fault) {
      return try Gzip.inflated(packed, size: size)
    } catch {
      throw .malformed
    }
  }

  /// Where the record at the end of the archive begins; a comment of up to 64 KiB may follow it.
  private static func end(of bytes: [UInt8]) throws(Packing.Fault) -> Int {
    var place = bytes.count - 22
    let first = max(0, place - 0xFFFF)
    while place >= first {
      if try number(bytes, place, 4) == 0x0605_4B50 { return place }
      place -= 1
    }
    throw .malformed
  }

  /// A number of so many bytes, the least significant first.
  private static func number(
    _ bytes: [UInt8], _ place: Int, _ length: Int
  ) throws(Packing.Fault) -> Int {
    guard place >= 0, place <= bytes.count - length else { throw .malformed }
    return bytes[place..<place + length].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

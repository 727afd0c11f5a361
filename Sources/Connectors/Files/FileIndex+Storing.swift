import Crypto

/// How an index lies on the disk: numbers of 64 bits in the order of the machine, which nobody else
/// reads, between a mark of the version and a digest of it all.
extension FileIndex {
  private static let mark: Int64 = 0x5844_4E49_4642 | Int64(version) << 48

  /// The bytes to keep.
  var stored: [UInt8] {
    var writer = StoredWriter()
    writer.add(Self.mark)
    writer.add(identity.size)
    writer.add(identity.modified)
    writer.add(Int64(bitPattern: identity.inode))
    writer.add(content.bytes)
    writer.add(Int64(place.rawValue))
    writer.add(Int64(header?.names.count ?? -1))
    for name in header?.names ?? [] { writer.add(Array(name.utf8)) }
    writer.add(Int64(blocks.count))
    for block in blocks {
      for number in [block.start, block.end, block.before, block.earliest, block.latest] {
        writer.add(number)
      }
      writer.add(block.standsApart ? 1 : 0)
    }
    return writer.bytes + SHA256.digest(of: writer.bytes).bytes
  }

  /// The index that was kept; nil where the bytes are not whole, or of another version.
  init?(stored bytes: [UInt8]) {
    let body = bytes.dropLast(Digest.byteCount)
    guard SHA256.digest(of: Array(body)).bytes == Array(bytes.suffix(Digest.byteCount)) else {
      return nil
    }
    var reader = StoredReader(rest: body)
    guard reader.number() == Self.mark, let size = reader.number(),
      let modified = reader.number(), let inode = reader.number(),
      let content = reader.bytes().flatMap({ Digest(bytes: $0) }),
      let place = reader.number().flatMap({ Place(rawValue: UInt8(truncatingIfNeeded: $0)) }),
      let columns = reader.number()
    else { return nil }
    identity = FileIdentity(size: size, modified: modified, inode: UInt64(bitPattern: inode))
    self.content = content
    self.place = place
    if columns >= 0 {
      let names = (0..<columns).compactMap { _ in
        reader.bytes().map { String(decoding: $0, as: UTF8.self) }
      }
      header = CSVHeader(names: names)
    }
    guard let count = reader.number() else { return nil }
    blocks = (0..<count).compactMap { _ in reader.block() }
  }
}

private struct StoredWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: Int64) {
    withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ text: [UInt8]) {
    add(Int64(text.count))
    bytes.append(contentsOf: text)
  }
}

private struct StoredReader {
  var rest: ArraySlice<UInt8>

  mutating func number() -> Int64? {
    guard rest.count >= 8 else { return nil }
    let number = rest.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    rest = rest.dropFirst(8)
    return number
  }

  mutating func bytes() -> ArraySlice<UInt8>? {
    guard let count = number(), count >= 0, count <= rest.count else { return nil }
    let bytes = rest.prefix(Int(count))
    rest = rest.dropFirst(Int(count))
    return bytes
  }

  mutating func block() -> Block? {
    guard let start = number(), let end = number(), let before = number(),
      let earliest = number(), let latest = number(), let apart = number()
    else { return nil }
    return Block(
      start: start, end: end, before: before, earliest: earliest, latest: latest,
      standsApart: apart == 1)
  }
}

/// The checksum of gzip (ISO 3309), eight bytes a step.
enum CRC32 {
  static func of(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      tables.withUnsafeBufferPointer { tables in
        var sum = ~UInt32(0)
        var place = 0
        while place + 8 <= bytes.count {
          let word = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
          sum = step(sum, word, tables)
          place += 8
        }
        while place < bytes.count {
          sum = tables[Int((sum ^ UInt32(bytes[place])) & 0xFF)] ^ sum >> 8
          place += 1
        }
        return ~sum
      }
    }
  }

  @inline(__always)
  private static func step(_ sum: UInt32, _ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>)
    -> UInt32
  {
    let mixed = word ^ UInt64(sum)
    var result: UInt32 = 0
    for byte in 0..<8 {
      result ^= tables[(7 - byte) << 8 | Int(mixed >> UInt64(8 * byte) & 0xFF)]
    }
    return result
  }

  /// Table `n` advances a byte over `n` further bytes of zeros.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 << 8)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { sum, _ in
        sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
      }
    }
    for place in 256..<tables.count {
      let before = tables[place - 256]
      tables[place] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()
}

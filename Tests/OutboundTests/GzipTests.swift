import Testing

@testable import Outbound

/// What `gzip -9` makes of the text that `dynamicText` makes: one block with codes of its own.
private let dynamicSample: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 117, 212, 59, 110, 2, 65, 16, 69, 209, 220, 171, 64, 29, 59,
  232, 170, 234, 47, 187, 1, 51, 129, 3, 176, 52, 146, 35, 228, 189, 35, 28, 244, 155, 228, 230,
  55, 58, 170, 122, 207, 244, 125, 75, 231, 252, 153, 30, 151, 251, 150, 206, 105, 223, 190,
  126, 246, 219, 233, 241, 123, 191, 110, 251, 41, 167, 191, 143, 231, 127, 97, 80, 244, 85, 56,
  20, 86, 86, 18, 144, 184, 173, 164, 80, 50, 86, 82, 33, 137, 186, 146, 6, 73, 241, 149, 116,
  74, 230, 74, 6, 36, 181, 173, 100, 66, 210, 66, 114, 132, 219, 15, 186, 200, 43, 95, 35, 224,
  33, 96, 35, 225, 41, 97, 35, 226, 41, 98, 35, 99, 203, 66, 54, 82, 54, 19, 179, 117, 140, 4,
  109, 36, 109, 46, 106, 35, 107, 11, 97, 123, 198, 43, 148, 182, 27, 70, 135, 115, 198, 123,
  174, 242, 118, 242, 182, 38, 112, 47, 24, 73, 220, 81, 188, 75, 220, 81, 124, 72, 220, 81,
  124, 72, 220, 81, 124, 74, 220, 73, 220, 179, 196, 35, 227, 83, 75, 60, 12, 35, 137, 7, 137,
  187, 31, 38, 4, 55, 36, 36, 30, 184, 34, 33, 241, 32, 113, 47, 18, 15, 18, 247, 42, 241, 232,
  24, 73, 60, 72, 220, 155, 196, 3, 197, 251, 91, 252, 5, 196, 205, 0, 218, 173, 5, 0, 0,
]

/// Repetitive, as pages of records are.
private let dynamicText = (0..<40).map { "{\"id\":\($0),\"name\":\"record number \($0 * 7)\"}\n" }
  .joined()

/// What gzip makes of no bytes.
private let emptySample: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]

/// A gzip without packing: stored blocks of up to 65,535 bytes.
private func stored(_ bytes: [UInt8], headerExtras: [UInt8] = [], flags: UInt8 = 0) -> [UInt8] {
  var packed: [UInt8] = [31, 139, 8, flags, 0, 0, 0, 0, 0, 255] + headerExtras
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(65_535)
    rest = rest.dropFirst(block.count)
    let length = UInt16(block.count)
    packed += [rest.isEmpty ? 1 : 0]
    packed += [
      UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8),
    ]
    packed += block
  } while !rest.isEmpty
  for number in [CRC32.of(bytes), UInt32(bytes.count)] {
    packed += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
  return packed
}

private func fault(_ packed: [UInt8], limit: Int = 1 << 20) -> Gzip.Fault? {
  do throws(Gzip.Fault) {
    _ = try Gzip.unpack(packed, limit: limit)
    return nil
  } catch {
    return error
  }
}

@Suite("Gzip")
struct GzipTests {
  @Test("all kinds of blocks are unpacked")
  func unpacks() throws {
    #expect(try Gzip.unpack(dynamicSample, limit: .max) == Array(dynamicText.utf8))
    #expect(try Gzip.unpack(emptySample, limit: 0) == [])
    for count in [0, 1, 100, 65_535, 65_536, 200_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(try Gzip.unpack(stored(bytes), limit: .max) == bytes)
    }
  }

  @Test("optional parts of the header are read over")
  func headers() throws {
    let extras: [(flags: UInt8, bytes: [UInt8])] = [
      (4, [3, 0, 1, 2, 3]), (8, Array("name\0".utf8)), (16, Array("comment\0".utf8)), (2, [9, 9]),
      (31, [1, 0, 7] + Array("n\0c\0".utf8) + [9, 9]),
    ]
    for extra in extras {
      let packed = stored([1, 2, 3], headerExtras: extra.bytes, flags: extra.flags)
      #expect(try Gzip.unpack(packed, limit: 3) == [1, 2, 3])
    }
    #expect(fault(stored([1], flags: 32)) == .malformed)
    #expect(fault([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 255, 255]) == .malformed)
    #expect(fault([31, 139, 8, 8, 0, 0, 0, 0, 0, 255, 65, 65]) == .malformed)
  }

  @Test("bytes that end too early, at any place, are noticed")
  func truncated() {
    for count in 0..<dynamicSample.count {
      #expect(fault(Array(dynamicSample[..<count])) != nil, "\(count) bytes")
    }
  }

  @Test("bytes behind the end are noticed, and no single wrong bit changes what is unpacked")
  func damaged() {
    #expect(fault(dynamicSample + [0]) == .malformed)
    #expect(fault(dynamicSample + dynamicSample) == .malformed)
    let text = Array(dynamicText.utf8)
    var unnoticed = 0
    for place in 10..<dynamicSample.count {
      for bit in 0..<8 {
        var damaged = dynamicSample
        damaged[place] ^= 1 << UInt8(bit)
        // A few bits mean nothing: they fill the last byte before the trailer.
        let unpacked = try? Gzip.unpack(damaged, limit: 1 << 20)
        #expect(unpacked ?? text == text, "bit \(bit) of byte \(place)")
        unnoticed += unpacked == nil ? 0 : 1
      }
    }
    #expect(unnoticed < 8)
  }

  @Test("the bound holds to the byte, and a lie about the size is noticed")
  func bounds() throws {
    let size = dynamicText.utf8.count
    #expect(try Gzip.unpack(dynamicSample, limit: size).count == size)
    #expect(fault(dynamicSample, limit: size - 1) == .tooLarge)
    var lie = dynamicSample
    lie.replaceSubrange((lie.count - 4)..., with: [255, 255, 255, 255])
    #expect(fault(lie, limit: .max) == .malformed)
    lie.replaceSubrange((lie.count - 4)..., with: [1, 0, 0, 0])
    #expect(fault(lie, limit: .max) == .malformed)
  }

  @Test("a match that reaches back before the beginning, or beyond the room, is refused")
  func matches() {
    // The fixed code, lowest bit first: last block, "a", three bytes from one, or four, back, end.
    for (distance, room, isSound) in [("00000", 4, true), ("00011", 4, false), ("00000", 3, false)]
    {
      let bits = "110" + "10010001" + "0000001" + distance + "0000000" + "00"
      let packed = stride(from: 0, to: 32, by: 8).map { start in
        bits.dropFirst(start).prefix(8).reversed().reduce(UInt8(0)) {
          $0 << 1 | ($1 == "1" ? 1 : 0)
        }
      }
      // The room lies amid other bytes, as it does in memory.
      var memory = [UInt8](repeating: 98, count: 64)
      let result = memory.withUnsafeMutableBufferPointer { memory in
        packed.withUnsafeBytes { packed in
          guard let from = packed.baseAddress, let to = memory.baseAddress else { return false }
          var inflater = Inflater(from, packed.count, into: to + 32, room)
          return inflater.run()
        }
      }
      #expect(result == isSound)
      if isSound { #expect(memory[31..<37] == [98, 97, 97, 97, 97, 98]) }
    }
  }

  @Test("random bytes are never unpacked, and never crash it")
  func random() {
    for seed in UInt64(0)..<3000 {
      var generator = SeededGenerator(seed: seed)
      var bytes = Array(dynamicSample[..<10])
      for _ in 0..<Int.random(in: 0...200, using: &generator) {
        bytes.append(UInt8.random(in: 0...255, using: &generator))
      }
      bytes += [0, 0, 0, 0, UInt8.random(in: 0...255, using: &generator), 1, 0, 0]
      #expect(fault(bytes) != nil, "seed \(seed)")
    }
  }

  @Test("the checksum is the known one")
  func checksum() {
    #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.of([]) == 0)
  }
}

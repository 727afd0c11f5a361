import Crypto
import Testing

@testable import Connectors

struct FileIndexTests {
  private let index = FileIndex(
    identity: FileIdentity(size: 1_000, modified: -5, inode: .max),
    content: SHA256.digest(of: "x"), header: CSVHeader(names: ["a", "größe", ""]), place: .copy,
    blocks: [
      Block(start: 0, end: 10, before: .min, earliest: .min, latest: .max),
      Block(start: 10, end: 99, before: 7, earliest: -3, latest: 8),
    ])

  @Test("an index is the same after it was kept")
  func roundTrip() {
    #expect(FileIndex(stored: index.stored) == index)
    var lines = index
    lines.header = nil
    lines.blocks = []
    #expect(FileIndex(stored: lines.stored) == lines)
  }

  @Test("an index of which a byte is missing or another is none")
  func damaged() {
    let stored = index.stored
    for length in 0..<stored.count {
      #expect(FileIndex(stored: Array(stored.prefix(length))) == nil)
    }
    for place in stored.indices {
      var damaged = stored
      damaged[place] ^= 1
      #expect(FileIndex(stored: damaged) == nil)
    }
  }
}

import Testing

@testable import Connectors

struct PlainLineTests {
  @Test("eight bytes at a time find what one at a time does", arguments: 1...300)
  func agrees(seed: UInt64) throws {
    var random = Seeded(seed)
    let alphabet = Array(",;x\"\u{ff}a0".utf8)
    let bytes = (0..<Int.random(in: 0...70, using: &random)).map { _ in random.pick(alphabet) }
    let start = Int.random(in: 0...bytes.count, using: &random)
    let end = Int.random(in: start...bytes.count, using: &random)
    let column = Int.random(in: 0...6, using: &random)
    let padded = bytes + [UInt8](repeating: random.pick(alphabet), count: 8)
    let line = try padded.withUnsafeBytes { raw in
      PlainLine(
        try #require(raw.baseAddress), from: start, to: end, delimiter: UInt8(ascii: ","),
        column: column)
    }
    let columns = bytes[start..<end].split(
      separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    #expect(line.delimiters == columns.count - 1, "seed \(seed)")
    #expect(line.hasQuote == bytes[start..<end].contains(UInt8(ascii: "\"")), "seed \(seed)")
    if column < columns.count {
      #expect(
        bytes[line.columnStart..<line.columnEnd] == columns[column], "seed \(seed)")
    }
  }
}

import Domain
import Testing

@testable import Connectors

struct BlockBuilderTests {
  @Test("a block ends with the first record that begins a block's length behind its own beginning")
  func sizes() {
    var builder = BlockBuilder(blockSize: 100)
    for (offset, time) in [(10, 5), (60, 3), (109, 9), (110, 7), (150, 8)] as [(Int64, Int64)] {
      builder.add(at: offset, time: time)
    }
    #expect(
      builder.finish(at: 170) == [
        Block(start: 10, end: 110, before: 5, earliest: 3, latest: 9),
        Block(start: 110, end: 170, before: 9, earliest: 7, latest: 8),
      ])
  }

  @Test("records without a time belong to that of the record before, or of the first that has one")
  func untimed() {
    var builder = BlockBuilder(blockSize: 20)
    for (offset, time) in [(0, nil), (10, nil), (30, 4), (60, nil), (90, 2)] as [(Int64, Int64?)] {
      builder.add(at: offset, time: time)
    }
    #expect(
      builder.finish(at: 100) == [
        Block(start: 0, end: 60, before: 4, earliest: 4, latest: 4),
        Block(start: 60, end: 90, before: 4, earliest: 4, latest: 4),
        Block(start: 90, end: 100, before: 4, earliest: 2, latest: 2),
      ])
  }

  @Test("a file without a single time has no blocks to give, one without records has none to need")
  func nothing() {
    var builder = BlockBuilder(blockSize: 20)
    #expect(builder.finish(at: 0) == [])
    builder.add(at: 0, time: nil)
    #expect(builder.finish(at: 10) == nil)
  }

  @Test("however long the file, there are never more blocks than allowed, and none is lost")
  func bounded() throws {
    var builder = BlockBuilder(blockSize: 10, mostBlocks: 16)
    for record in 0..<10_000 as Range<Int64> {
      builder.add(at: record * 7, time: record)
    }
    let finished = builder.finish(at: 70_000)
    let blocks = try #require(finished)
    #expect(blocks.count <= 16)
    #expect(blocks.count >= 8)
    #expect(blocks.first?.start == 0)
    #expect(blocks.last?.end == 70_000)
    for (one, next) in zip(blocks, blocks.dropFirst()) {
      #expect(one.end == next.start)
      #expect(one.latest + 1 == next.earliest)
      #expect(next.before == one.latest)
    }
  }

  @Test("a record that belongs to another time than its neighbour keeps it when blocks are joined")
  func apart() throws {
    var builder = BlockBuilder(blockSize: 1, mostBlocks: 4)
    for record in 0..<100 as Range<Int64> {
      if record == 50 { builder.add(at: 5_000, belongingTo: 7) }
      builder.add(at: record * 100 + 1, time: 1_000 + record)
    }
    let finished = builder.finish(at: 10_001)
    let blocks = try #require(finished)
    let block = try #require(blocks.first { $0.contains(5_000) })
    #expect(block.start == 5_000)
    #expect(block.before == 7)
    #expect(block.earliest == 7)
  }
}

import Testing

@testable import HTTP

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

private let corpus = [
  "GET /a/b?c=d&e=%C3%A4 HTTP/1.1\r\nHost: h:80\r\nAccept: */*\r\n\r\nGET / HTTP/1.0\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world"
    + "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    + "5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: h\r\nX: a\n\r\n", "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
]

@Suite("RequestDecoder under random input")
struct RequestDecoderFuzzTests {
  @Test("a split at any byte gives the same events", arguments: corpus)
  func anySplit(_ text: String) {
    let bytes = Array(text.utf8)
    let whole = decode([bytes])
    #expect(decode(bytes.map { [$0] }) == whole)
    for place in 0...bytes.count {
      #expect(decode([Array(bytes[..<place]), Array(bytes[place...])]) == whole, "at \(place)")
    }
  }

  @Test("mutations of requests never crash it, and split the same way as whole")
  func mutations() {
    let limits = {
      var limits = RequestLimits()
      limits.headBytes = 200
      limits.targetBytes = 40
      limits.fieldCount = 5
      limits.chunkExtensionBytes = 40
      return limits
    }()
    for seed in UInt64(0)..<4000 {
      var generator = SeededGenerator(seed: seed)
      let bytes = mutated(&generator)
      let whole = decode([bytes], limits: limits)
      #expect(decode(split(bytes, &generator), limits: limits) == whole, "seed \(seed)")
    }
  }

  private func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = Array((corpus.randomElement(using: &generator) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.insert(interesting(&generator), at: place)
      case 2 where bytes.count > 1: bytes.remove(at: place)
      case 3: bytes.insert(contentsOf: bytes[..<place], at: place)
      default: bytes[place] = interesting(&generator)
      }
    }
    return bytes
  }

  private func interesting(_ generator: inout SeededGenerator) -> UInt8 {
    Array("\r\n \t:\0%;,+-0fx/?".utf8).randomElement(using: &generator) ?? 0
  }

  private func split(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...20, using: &generator))
      pieces.append(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}

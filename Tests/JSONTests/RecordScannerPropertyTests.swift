import Foundation
import Testing

@testable import JSON

@Suite struct RecordScannerPropertyTests {
  private static let paths = [
    "id", "customer", "customer.id", "data.data.amount", "a key of more than 8 bytes", "é",
    "customer.customer.created",
  ].map { JSONPath($0) }

  @Test(
    "slices of random documents are what a parser finds there", arguments: 0..<20 as Range<UInt64>)
  func slices(_ block: UInt64) throws {
    let scanner = RecordScanner(
      records: JSONPath("list"), envelope: Self.paths, fields: Self.paths + [JSONPath("")])
    for seed in (block * 100)..<(block * 100 + 100) {
      let records = (0..<5).map { RandomJSON.object(seed: seed &* 1000 + $0) }
      var around = RandomJSON.object(seed: seed &* 1000 + 999).dropFirst().dropLast()
      let isEmpty = around.allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r" }
      if !isEmpty { around += "," }
      let text = "{\(around)\"list\":[\(records.joined(separator: " , "))]}"
      let bytes = Array(text.utf8)
      let document = try JSONValue.parse(bytes)
      let page = try scanner.document(bytes)
      try #require(page.records.count == records.count, "seed \(seed)")
      try bytes.withUnsafeBytes { bytes in
        for (place, path) in Self.paths.enumerated() {
          let found = try value(of: page.envelope[place], in: bytes)
          #expect(found == document[path], "seed \(seed), envelope \(path)")
        }
        for (row, record) in records.enumerated() {
          try #require(page.records[row].flaw == nil, "seed \(seed): \(record)")
          let parsed = try JSONValue.parse(record)
          for (place, path) in scannedPaths.enumerated() {
            let slice = page.fields[row * page.fieldCount + place]
            #expect(try value(of: slice, in: bytes) == parsed[path], "seed \(seed), \(path)")
          }
        }
      }
    }
  }

  private var scannedPaths: [JSONPath] { Self.paths + [JSONPath("")] }

  private func value(of slice: JSONSlice, in page: UnsafeRawBufferPointer) throws -> JSONValue? {
    switch slice.kind {
    case .missing: return nil
    case .string, .escapedString: return .string(try #require(slice.string(in: page)))
    default: return try JSONValue.parse(slice.bytes(in: page))
    }
  }

  @Test("mutated texts are judged as a parser judges them", arguments: 0..<20 as Range<UInt64>)
  func mutations(_ block: UInt64) throws {
    for seed in (block * 500)..<(block * 500 + 500) {
      let text = Mutation.apply(to: Array(RandomJSON.text(seed: seed).utf8), seed: seed)
      // A line break would make two lines of it.
      guard !text.contains(0x0a) else { continue }
      let page = try RecordScanner.bare("id").lines(text)
      let verdict = page.records.first?.flaw
      let shown = "seed \(seed): \(String(decoding: text, as: UTF8.self))"
      switch Result(catching: { () throws(JSONError) in try JSONValue.parse(text) }) {
      case .success(let value):
        // A parser takes \u0000, which the store does not.
        let sound: [RecordFlaw?] = value.object == nil ? [.notAnObject] : [nil, .nulCharacter]
        #expect(sound.contains(verdict), "\(shown)")
        #expect(page.records.count == 1, "\(shown)")
      case .failure(let error):
        let mustBeMalformed = error.reason == .grammar || error.reason == .cutOff
        #expect(page.records.isEmpty || verdict != nil, "\(shown) \(error)")
        #expect(page.records.isEmpty || !mustBeMalformed || verdict == .malformed, "\(shown)")
      }
    }
  }

  @Test(
    "mutated texts are accepted where Foundation accepts them", arguments: 0..<20 as Range<UInt64>)
  func foundation(_ block: UInt64) throws {
    for seed in (block * 500)..<(block * 500 + 500) {
      let text = Mutation.apply(to: Array(RandomJSON.text(seed: seed).utf8), seed: seed)
      let ours = Result { () throws(JSONError) in try JSONValue.parse(text) }
      // Two known differences: Foundation keeps the last of two equal keys, where we refuse, and
      // refuses numbers beyond Double, which we keep as text.
      if case .failure(let error) = ours, error.reason == .duplicateKey { continue }
      if case .success(let value) = ours, value.exceedsDouble { continue }
      let theirs = Result {
        try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
      }
      let shown = "seed \(seed): \(String(decoding: text, as: UTF8.self)), \(ours), \(theirs)"
      #expect(ours.isSuccess == theirs.isSuccess, "\(shown)")
    }
  }
}

/// Small damage to a text.
enum Mutation {
  static func apply(to text: [UInt8], seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed &+ 0xfeed)
    var text = text
    for _ in 0..<Int.random(in: 0...3, using: &generator) where !text.isEmpty {
      let place = Int.random(in: 0..<text.count, using: &generator)
      let other = Int.random(in: 0..<text.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: text[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: text.remove(at: place)
      case 2: text.insert(symbols.randomElement(using: &generator) ?? 0, at: place)
      case 3: text[place] = symbols.randomElement(using: &generator) ?? 0
      case 4: text.swapAt(place, other)
      default: text.insert(contentsOf: text[min(place, other)..<max(place, other)], at: place)
      }
    }
    return text
  }

  private static let symbols = Array("{}[]:,\"\\0123456789.-+eEutfnrl \t\r/abDd".utf8)
}

extension Result {
  fileprivate var isSuccess: Bool {
    if case .success = self { true } else { false }
  }
}

extension JSONValue {
  /// Whether a number lies beyond what a Double can tell from infinity.
  fileprivate var exceedsDouble: Bool {
    switch self {
    case .number(let text): Double(text)?.isInfinite ?? true
    case .array(let elements): elements.contains(where: \.exceedsDouble)
    case .object(let object): object.members.contains { $0.value.exceedsDouble }
    case .null, .bool, .string: false
    }
  }
}

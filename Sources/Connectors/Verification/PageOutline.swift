import JSON

/// Finds members and elements in the text of an answer by brackets and quotes alone.
///
/// Written apart from the scanner that the reader uses: the two must come to the same records, or the
/// page is not believed. What breaks the grammar is left to the scanner to name.
struct PageOutline {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Where the value at a path lies; nil where it leads nowhere.
  func value(at path: JSONPath) -> Range<Int>? {
    var place = afterSpace(0)
    for key in path.keys {
      guard let found = member(key, ofObjectAt: place) else { return nil }
      place = found
    }
    return endOfValue(at: place).map { place..<$0 }
  }

  /// Where the elements of the array at a path lie; nil where there is no array.
  func elements(at path: JSONPath) -> [Range<Int>]? {
    guard let array = value(at: path), bytes[array.lowerBound] == UInt8(ascii: "[") else {
      return nil
    }
    var found: [Range<Int>] = []
    var place = afterSpace(array.lowerBound + 1)
    while place < array.upperBound - 1 {
      guard let end = endOfValue(at: place) else { return nil }
      found.append(place..<end)
      place = afterSpace(end)
      if place < array.upperBound, bytes[place] == UInt8(ascii: ",") {
        place = afterSpace(place + 1)
      }
    }
    return found
  }

  private func member(_ key: String, ofObjectAt start: Int) -> Int? {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
    let sought = Array("\"\(key)\"".utf8)
    var place = afterSpace(start + 1)
    while place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
      guard let end = endOfValue(at: place) else { return nil }
      let isSought = bytes[place..<end].elementsEqual(sought)
      place = afterSpace(end)
      guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else { return nil }
      place = afterSpace(place + 1)
      if isSought { return place }
      guard let after = endOfValue(at: place) else { return nil }
      place = afterSpace(after)
      guard place < bytes.count, bytes[place] == UInt8(ascii: ",") else { return nil }
      place = afterSpace(place + 1)
    }
    return nil
  }

  private func afterSpace(_ start: Int) -> Int {
    var place = start
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    return place
  }

  /// The offset after the value that begins at an offset; nil where the text ends before it.
  private func endOfValue(at start: Int) -> Int? {
    var depth = 0
    var place = start
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        guard let end = endOfString(at: place) else { return nil }
        place = end
        if depth == 0 { return place }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        place += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return place > start ? place : nil }
        depth -= 1
        place += 1
        if depth == 0 { return place }
      case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
        if depth == 0 { return place > start ? place : nil }
        place += 1
      default:
        place += 1
      }
    }
    return depth == 0 && place > start ? place : nil
  }

  private func endOfString(at start: Int) -> Int? {
    var place = start + 1
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\\"): place += 2
      case UInt8(ascii: "\""): return place + 1
      default: place += 1
      }
    }
    return nil
  }
}

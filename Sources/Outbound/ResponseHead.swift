/// The headers of an answer as libcurl hands them over, line by line; interim answers (1xx) and
/// trailers are counted against the bound, but not kept.
struct ResponseHead {
  private(set) var fields = HeaderFields()
  private var bytes = 0
  /// Whether the line that ends the headers was seen.
  private(set) var isComplete = false
  private var isInterim = false

  /// Takes one line with its line end; false when all lines together pass the bound.
  mutating func add(_ line: UnsafeRawBufferPointer, bound: Int) -> Bool {
    bytes += line.count
    guard bytes <= bound else { return false }
    let content = line.trimmed
    if content.isEmpty {
      isComplete = !isInterim
    } else if !isComplete {
      take(content)
    }
    return true
  }

  private mutating func take(_ line: Slice<UnsafeRawBufferPointer>) {
    if line.starts(with: "HTTP/".utf8) {
      fields = HeaderFields()
      isInterim =
        line.split(separator: UInt8(ascii: " ")).dropFirst().first?.first == UInt8(ascii: "1")
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = line[..<colon]
    let value = line[line.index(after: colon)...].trimmed
    fields.add(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }
}

extension Collection where SubSequence: BidirectionalCollection, Element == UInt8 {
  /// The bytes without the blanks and line ends around them.
  var trimmed: SubSequence.SubSequence {
    let start = drop { isBlank($0) }
    let end = start.lastIndex { !isBlank($0) }.map { start.index(after: $0) } ?? start.startIndex
    return start[..<end]
  }
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
}

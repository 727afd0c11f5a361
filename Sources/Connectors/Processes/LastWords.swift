import Processes

/// Takes what a program writes to standard error, and keeps its last words.
actor LastWords {
  private static let kept = 8_192

  private var words: [UInt8] = []
  /// When the program last wrote something there.
  private(set) var lastWrite = ContinuousClock.now

  /// Reads to the end.
  func take(_ errors: ProcessOutput) async {
    do {
      for try await chunk in errors { note(chunk) }
    } catch {
      // Whoever reads the other output learns that reading was given up, or does not work.
      return
    }
  }

  private func note(_ chunk: [UInt8]) {
    lastWrite = .now
    words += chunk.suffix(Self.kept)
    if words.count > Self.kept { words.removeFirst(words.count - Self.kept) }
  }

  /// The last line that is not blank.
  var line: [UInt8] {
    let lines = words.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    return lines.last { $0.contains { $0 > 0x20 } }.map(Array.init) ?? []
  }
}

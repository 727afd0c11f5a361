/// Text broken into lines for a screen of 80 columns.
enum TextLayout {
  static let width = 80
  /// Where the right-hand column of a list begins.
  static let column = 24

  /// The words of each paragraph in lines of at most `width` characters, each `indent` to the right.
  static func paragraphs(_ text: String, indent: Int = 0) -> String {
    text.split(separator: "\n\n").map { lines($0, indent: indent).joined(separator: "\n") }
      .joined(separator: "\n\n")
  }

  /// A name at the left and what it means at the right, below it if the name is long.
  static func row(_ name: String, _ meaning: String) -> String {
    let right = lines(meaning, indent: column)
    let left = "  \(name)"
    guard left.count + 2 <= column, let first = right.first else {
      return ([left] + right).joined(separator: "\n")
    }
    let head = left + first.dropFirst(left.count)
    return ([head] + right.dropFirst()).joined(separator: "\n")
  }

  private static func lines(_ text: some StringProtocol, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    return line.isEmpty ? lines : lines + [margin + line]
  }
}

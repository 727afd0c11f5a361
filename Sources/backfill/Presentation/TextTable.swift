import Domain

/// Rows under titles, each column as wide as its widest cell.
struct TextTable {
  /// On which side the cells of a column are filled up.
  enum Side {
    case left, right
  }

  /// The title of a column, and where its cells stand.
  struct Column {
    var title: String
    var side = Side.left
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: Column...) {
    self.columns = columns
  }

  var isEmpty: Bool { rows.isEmpty }

  mutating func add(_ cells: String...) {
    rows.append(cells.map { Wording.shortened($0, to: 400) })
  }

  /// The lines, the titles first, cut to a width where there is one.
  func lines(width: Int?) -> [String] {
    let widths = columns.indices.map { index in
      ([columns[index].title] + rows.map { $0[index] }).map(\.count).max() ?? 0
    }
    return ([columns.map(\.title)] + rows).map { cells in
      cut(line(cells, widths), to: width)
    }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let filled = cells.indices.map { index in
      let gap = String(repeating: " ", count: max(0, widths[index] - cells[index].count))
      return columns[index].side == .left ? cells[index] + gap : gap + cells[index]
    }
    let line = filled.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private func cut(_ line: String, to width: Int?) -> String {
    guard let width, line.count > width else { return line }
    return line.prefix(max(1, width - 1)) + "…"
  }
}

extension TextTable.Column: ExpressibleByStringLiteral {
  init(stringLiteral title: String) {
    self.init(title: title)
  }

  /// A column of numbers.
  static func numbers(_ title: String) -> TextTable.Column {
    TextTable.Column(title: title, side: .right)
  }
}

extension Channel {
  /// Writes a table, or a sentence where it has no rows.
  func write(_ table: TextTable, orElse sentence: String) throws(Closed) {
    guard !table.isEmpty else { return try line(sentence) }
    try write(table.lines(width: width).map { $0 + "\n" }.joined())
  }
}

/// The name among those known that a misspelt one most likely meant; nil when none is near.
///
/// Near is one slip (a letter too many, missing, other, or two neighbours swapped) in three letters;
/// upper and lower case are the same. Of names equally near the first wins.
public func nearestName(to name: String, among known: some Sequence<String>) -> String? {
  let written = Array(name.lowercased().unicodeScalars)
  var best: (name: String, slips: Int)?
  for candidate in known {
    let meant = Array(candidate.lowercased().unicodeScalars)
    let allowed = best.map { $0.slips - 1 } ?? Int.max
    let limit = min(allowed, max(written.count, meant.count) / 3)
    // The difference in length is a lower bound, and spares the table for what cannot be near.
    guard limit >= 0, abs(written.count - meant.count) <= limit else { continue }
    let slips = slipsBetween(written, meant)
    if slips <= limit { best = (candidate, slips) }
  }
  return best?.name
}

/// The edit distance in which swapping two neighbours counts once (optimal string alignment).
private func slipsBetween(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    current.reserveCapacity(right.count + 1)
    for column in 0..<right.count {
      let same = left[row] == right[column]
      var slips = min(last[column + 1], current[column]) + 1
      slips = min(slips, last[column] + (same ? 0 : 1))
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        slips = min(slips, beforeLast[column - 1] + 1)
      }
      current.append(slips)
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}

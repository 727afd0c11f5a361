import Domain

/// Moments for the records of a fake, in whole units since 1970, where readers go wrong: heaps at one
/// moment that are longer than a page, both sides of every edge, and the rest at random.
struct Moments {
  /// How many there are in a second: 1 for seconds, 1,000 for milliseconds.
  let perSecond: Int64

  /// The moments around a span that is read in these windows.
  func around(
    _ windows: [Window], count: Int, heap: Int, by random: inout Seeded
  ) -> [Int64] {
    guard let start = windows.first?.from, let stop = windows.last?.to else { return [] }
    let unit = 1_000_000 / perSecond
    let first = start.microseconds / unit
    let end = stop.microseconds / unit
    // Outside of the span as well: what is asked for must not bring more.
    var moments = (0..<count).map { _ in
      Int64.random(in: first - 50 * perSecond..<end + 50 * perSecond, using: &random)
    }
    for edge in windows.map(\.from) + [stop] {
      let moment = edge.microseconds / unit
      moments += [moment - 1, moment, moment, moment + 1]
    }
    let inside = moments.filter { first..<end ~= $0 }
    moments += [Int64](repeating: random.pick(inside), count: heap)
    return moments
  }
}

/// What becomes of a partition that has used up its budget and is not at its end.
public enum OutgrowthDecision: Hashable, Sendable {
  /// The same attempt goes on.
  case goOn
  /// What lies before `cut` is done; `rest` are the parts of what is left, from `cut` on.
  case shareOut(cut: Instant, rest: [Window])

  /// The most parts that are made of a rest at once.
  public static let mostParts = 16

  /// Decides where a feed that gives the oldest first has been committed up to an instant.
  ///
  /// The grain in which that instant lies belongs to the rest, because more records of it may come:
  /// they are read again. The rest is cut into parts about as long as what is done, at least in two
  /// where that is possible.
  public static func decide(
    _ window: Window, reached: Instant?, rule: SplitRule
  ) -> OutgrowthDecision {
    guard rule.isAscending, let reached else { return .goOn }
    let cut = rule.floor(reached)
    guard rule.allows(cut, in: window) else { return .goOn }
    let done = cut.microseconds(since: window.from)
    var rest = [Window(from: cut, to: window.to)]
    while rest.count < mostParts {
      let isLong = rest[0].to.microseconds(since: rest[0].from) > done
      guard isLong || rest.count < 2 else { break }
      let halves = rest.flatMap { rule.halves(of: $0) }
      guard halves.count > rest.count, halves.count <= mostParts else { break }
      rest = halves
    }
    return .shareOut(cut: cut, rest: rest)
  }
}

extension SplitRule {
  /// The two parts of a window, or the window itself where it cannot be cut.
  fileprivate func halves(of window: Window) -> [Window] {
    guard let cut = middle(of: window) else { return [window] }
    return [Window(from: window.from, to: cut), Window(from: cut, to: window.to)]
  }
}

/// A window that a partition of a backfill worked on.
public struct Coverage: Hashable, Sendable {
  /// The window.
  public var window: Window
  /// The backfill.
  public var backfill: BackfillID

  /// A window that a partition of a backfill worked on.
  public init(_ window: Window, by backfill: BackfillID) {
    self.window = window
    self.backfill = backfill
  }
}

/// Compares windows in time order with a set of coverages, each coverage being looked at only while
/// it can still overlap.
struct CoverageSweep {
  /// How much of a window is covered, and by whom, in the order of their numbers.
  enum Overlap: Hashable {
    case none
    case part([BackfillID])
    case whole([BackfillID])

    /// What was covered wholly is to be covered again.
    mutating func reopen() {
      if case .whole(let backfills) = self { self = .part(backfills) }
    }
  }

  private let coverages: [Coverage]
  private var upcoming = 0
  private var active: [Coverage] = []

  init(_ coverages: [Coverage]) {
    self.coverages = coverages.sorted {
      ($0.window.from, $0.window.to, $0.backfill) < ($1.window.from, $1.window.to, $1.backfill)
    }
  }

  /// The overlap with a window, which must not begin before the one asked for last.
  mutating func overlap(with window: Window) -> Overlap {
    advance(to: window)
    var reached = window.from
    var hasGap = false
    for coverage in active {
      if coverage.window.from > reached { hasGap = true }
      reached = max(reached, coverage.window.to)
    }
    guard !active.isEmpty else { return .none }
    let backfills = Set(active.map(\.backfill)).sorted()
    return hasGap || reached < window.to ? .part(backfills) : .whole(backfills)
  }

  private mutating func advance(to window: Window) {
    active.removeAll { $0.window.to <= window.from }
    while upcoming < coverages.count, coverages[upcoming].window.from < window.to {
      let coverage = coverages[upcoming]
      upcoming += 1
      if coverage.window.to > window.from, coverage.window.from < coverage.window.to {
        active.append(coverage)
      }
    }
  }
}

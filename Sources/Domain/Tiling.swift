/// The partitions of a window, in time order: each step from its first instant, the last cut off at
/// its end, so that they cover the window exactly, without gap or overlap.
struct Tiling: Sequence, Sendable {
  /// The window to cover.
  let window: Window
  /// The length of a part.
  let step: Step
  /// The zone on whose wall clock days, weeks and months are counted.
  let zone: Zone

  func makeIterator() -> Iterator {
    Iterator(self)
  }

  struct Iterator: IteratorProtocol {
    private let tiling: Tiling
    /// The window's first instant on the wall clock, from which days and months are counted.
    private let anchor: WallTime
    private var index = 0
    private var reached: Instant

    init(_ tiling: Tiling) {
      self.tiling = tiling
      anchor = tiling.zone.anchor(at: tiling.window.from)
      reached = tiling.window.from
    }

    mutating func next() -> Window? {
      let window = tiling.window
      while reached < window.to {
        index += 1
        let end = Swift.min(boundary(index), window.to)
        // A step that the clock skips whole has no length and makes no partition.
        guard end > reached else { continue }
        defer { reached = end }
        return Window(from: reached, to: end)
      }
      return nil
    }

    private func boundary(_ index: Int) -> Instant {
      switch tiling.step {
      case .minutes(let count): elapsed(Int64(index) * Int64(count) * 60_000_000)
      case .hours(let count): elapsed(Int64(index) * Int64(count) * 3_600_000_000)
      case .days(let count): onWall(anchor.date.adding(days: index * count))
      case .weeks(let count): onWall(anchor.date.adding(days: index * count * 7))
      case .months(let count): onWall(anchor.date.adding(months: index * count))
      }
    }

    private func elapsed(_ microseconds: Int64) -> Instant {
      tiling.window.from.adding(microseconds: microseconds)
    }

    private func onWall(_ date: CivilDate) -> Instant {
      tiling.zone.instant(at: WallTime(date, microsecondOfDay: anchor.microsecondOfDay))
    }
  }
}

extension Zone {
  /// The wall time from which steps are counted that begin at an instant.
  ///
  /// That is what the clock shows, except where a day begins late because its midnight was skipped:
  /// the next day begins at midnight all the same.
  fileprivate func anchor(at instant: Instant) -> WallTime {
    let date = civilDate(of: instant)
    return startOfDay(date) == instant ? WallTime(date) : wallTime(at: instant)
  }
}

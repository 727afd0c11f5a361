/// How much a backfill read of a window, for plans that size partitions by it.
public struct WindowLoad: Hashable, Sendable {
  /// The window.
  public var window: Window
  /// How many records of it were read.
  public var records: Int64
  /// The backfill.
  public var backfill: BackfillID

  /// What a backfill read of a window.
  public init(_ window: Window, records: Int64, by backfill: BackfillID) {
    self.window = window
    self.records = records
    self.backfill = backfill
  }
}

/// Steps of a window, neighbours drawn together that held few records when they were last read.
///
/// A request costs as much for an hour without records as for one with many. A step of which nothing
/// is known stands alone.
struct JoinedSteps {
  /// So many records may lie in steps that are drawn together.
  static let mostRecords = 2_000.0
  /// So many steps are drawn together at most, however empty they were.
  static let mostSteps = 32

  private struct Group {
    var window: Window
    var records: Double
    var steps: Int
  }

  private var sweep: LoadSweep
  private var open: Group?

  init(_ loads: [WindowLoad]) {
    sweep = LoadSweep(loads)
  }

  /// Takes in the next step, in time order; gives what is complete with that.
  mutating func take(_ step: Window) -> [Window] {
    guard let records = sweep.records(of: step) else { return end() + [step] }
    if let group = open, group.steps < Self.mostSteps,
      group.records + records <= Self.mostRecords
    {
      open = Group(
        window: Window(from: group.window.from, to: step.to), records: group.records + records,
        steps: group.steps + 1)
      return []
    }
    defer { open = Group(window: step, records: records, steps: 1) }
    return end()
  }

  /// What is left after the last step.
  mutating func end() -> [Window] {
    defer { open = nil }
    return open.map { [$0.window] } ?? []
  }
}

/// Says of windows in time order how many records each held when it was last read.
private struct LoadSweep {
  private let loads: [WindowLoad]
  private var upcoming = 0
  private var active: [WindowLoad] = []

  init(_ loads: [WindowLoad]) {
    self.loads = loads.sorted { ($0.window.from, $0.window.to) < ($1.window.from, $1.window.to) }
  }

  /// What the latest backfill read of a window that read all of it, spread evenly over each of its
  /// partitions; nil where none read all.
  mutating func records(of window: Window) -> Double? {
    active.removeAll { $0.window.to <= window.from }
    while upcoming < loads.count, loads[upcoming].window.from < window.to {
      if loads[upcoming].window.to > window.from { active.append(loads[upcoming]) }
      upcoming += 1
    }
    let latest = Dictionary(grouping: active, by: \.backfill)
      .filter { Self.covers($0.value, window) }.max { $0.key < $1.key }
    return latest?.value.reduce(0) { $0 + Self.share(of: $1, in: window) }
  }

  private static func covers(_ loads: [WindowLoad], _ window: Window) -> Bool {
    var reached = window.from
    for load in loads {
      guard load.window.from <= reached else { return false }
      reached = max(reached, load.window.to)
    }
    return reached >= window.to
  }

  private static func share(of load: WindowLoad, in window: Window) -> Double {
    let from = max(load.window.from, window.from)
    let to = min(load.window.to, window.to)
    let length = load.window.to.microseconds(since: load.window.from)
    return Double(load.records) * Double(to.microseconds(since: from)) / Double(max(1, length))
  }
}

/// The partitions that a backfill over a window would have, and what it leaves out, with reasons.
///
/// The same facts give the same plan, always.
public struct Plan: Hashable, Sendable {
  /// How many partitions one backfill may have, those left out included.
  public static let limit = 1_000_000

  /// A part of the window to be backfilled.
  public struct Partition: Hashable, Sendable {
    /// Its place in time order among all parts of the window, from 1.
    public var number: Int
    /// The instants that it covers.
    public var window: Window
    /// Its place in the order of claiming, from 1.
    public var rank: Int
    /// The backfills that covered a part of it before, of which it is planned whole all the same.
    public var partlyCoveredBy: [BackfillID]
  }

  /// A part of the window that is left out.
  public struct Skipped: Hashable, Sendable {
    /// Its place in time order among all parts of the window, from 1.
    public var number: Int
    /// The instants that it covers.
    public var window: Window
    /// Why it is left out.
    public var reason: SkipReason
  }

  /// Why a part of the window is left out.
  public enum SkipReason: Hashable, Sendable {
    /// These backfills covered it before, together and without gap.
    case covered(by: [BackfillID])
    /// No partition failed in it.
    case didNotFail
    /// The source may still come up with records of it, for so many microseconds after.
    case notSettled(lag: Int64)
  }

  /// What is to be backfilled, in time order.
  public private(set) var partitions: [Partition] = []
  /// What is left out, in time order.
  public private(set) var skipped: [Skipped] = []
  /// Whether the window is one part, whatever the step.
  public private(set) var isOnePass = false

  /// The plan for a window cut into steps.
  ///
  /// `covered` are the windows of partitions of the stream that succeeded and were not purged since;
  /// `failed` those that failed and that nothing made good since. Either may overlap and come in any
  /// order. Only `missing` looks at the first and only `failed` at the second. What the source has
  /// not settled by `now` is left out, and what it may have changed since it was covered is not taken
  /// for covered. Where `loads` are given, neighbouring steps that held few records when they were
  /// last read are planned as one. In one pass the whole window is one part: for a source that would
  /// read to its end from wherever a part begins.
  public static func make(
    _ window: Window, step: Step, zone: Zone, order: ClaimOrder = .oldest,
    only selection: Selection = .all, covered: [Coverage] = [], failed: [Coverage] = [],
    loads: [WindowLoad]? = nil, inOnePass: Bool = false, horizon: SourceHorizon = .none,
    now: Instant? = nil
  ) throws(InputFault) -> Plan {
    var plan = Plan()
    plan.isOnePass = inOnePass
    let settled = now.map { horizon.settled(at: $0) }
    let rereadFrom = now.flatMap { horizon.rereadFrom(at: $0) }
    var sweep = CoverageSweep(selection == .failed ? failed : covered)
    let sameUntil = [settled, rereadFrom].compactMap(\.self).min()
    let parts =
      inOnePass
      ? [window]
      : try parts(of: window, step: step, zone: zone, loads: loads, joinedUntil: sameUntil)
    for (index, part) in parts.enumerated() {
      var overlap = selection == .all ? .none : sweep.overlap(with: part)
      if selection == .missing, let rereadFrom, part.to > rereadFrom { overlap.reopen() }
      if let settled, let lag = horizon.settleLag, part.to > settled {
        plan.skipped.append(
          Skipped(number: index + 1, window: part, reason: .notSettled(lag: lag)))
      } else {
        plan.add(part, number: index + 1, selection, overlap)
      }
    }
    plan.rank(order)
    return plan
  }

  private static func parts(
    of window: Window, step: Step, zone: Zone, loads: [WindowLoad]?, joinedUntil: Instant?
  ) throws(InputFault) -> [Window] {
    var parts: [Window] = []
    var joined = loads.map { JoinedSteps($0) }
    for part in Tiling(window: window, step: step, zone: zone) {
      guard parts.count < limit else {
        throw .tooManyPartitions(about: step.count(in: window), step: step)
      }
      guard joined != nil else {
        parts.append(part)
        continue
      }
      // Steps of which not the same holds are never planned as one.
      let isJoined = joinedUntil.map { part.to <= $0 } ?? true
      parts += (isJoined ? joined?.take(part) : joined?.end()) ?? []
      if !isJoined { parts.append(part) }
    }
    return parts + (joined?.end() ?? [])
  }

  private mutating func add(
    _ part: Window, number: Int, _ selection: Selection, _ overlap: CoverageSweep.Overlap
  ) {
    switch (selection, overlap) {
    case (.missing, .whole(let backfills)):
      skipped.append(Skipped(number: number, window: part, reason: .covered(by: backfills)))
    case (.failed, .none):
      skipped.append(Skipped(number: number, window: part, reason: .didNotFail))
    case (.missing, .part(let backfills)):
      append(part, number: number, partlyCoveredBy: backfills)
    case (.all, _), (.missing, .none), (.failed, _):
      append(part, number: number, partlyCoveredBy: [])
    }
  }

  private mutating func append(_ part: Window, number: Int, partlyCoveredBy: [BackfillID]) {
    partitions.append(
      Partition(number: number, window: part, rank: 0, partlyCoveredBy: partlyCoveredBy))
  }

  private mutating func rank(_ order: ClaimOrder) {
    for index in partitions.indices {
      partitions[index].rank = order == .newest ? partitions.count - index : index + 1
    }
  }
}

/// The order in which the partitions of a backfill are claimed.
public enum ClaimOrder: String, CaseIterable, Sendable {
  /// From the oldest on, several at once.
  case oldest
  /// From the newest back, several at once.
  case newest
  /// From the oldest on, one at a time; a failed one blocks those after it.
  case strict
}

/// Which parts of a window are planned.
public enum Selection: String, CaseIterable, Sendable {
  /// All.
  case all
  /// Those that are not covered yet.
  case missing
  /// Those in which a partition failed.
  case failed
}

extension Step {
  /// About how many steps a window holds.
  func count(in window: Window) -> Int {
    let minutes: Int64 =
      switch self {
      case .minutes(let count): Int64(count)
      case .hours(let count): Int64(count) * 60
      case .days(let count): Int64(count) * 1_440
      case .weeks(let count): Int64(count) * 10_080
      case .months(let count): Int64(count) * 43_830
      }
    let length = max(0, window.to.microseconds(since: window.from))
    let size = minutes * 60_000_000
    return Int(length / size + (length % size == 0 ? 0 : 1))
  }
}

extension Plan {
  /// A plan of these windows, in the order of time, and of no other: a set of partitions that is
  /// known, not worked out from dates.
  public init(of windows: [Window]) {
    partitions = windows.enumerated().map { index, window in
      Partition(number: index + 1, window: window, rank: index + 1, partlyCoveredBy: [])
    }
  }
}

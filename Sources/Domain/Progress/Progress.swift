/// How far a backfill is, how fast it goes, and when it will be done, as far as that can be said.
public struct Progress: Hashable, Sendable {
  /// How many of the partitions that are needed have ended.
  public var done: Int
  /// How many partitions are needed.
  public var needed: Int
  /// Records read a second of late; nil until enough was seen.
  public var recordsPerSecond: Double?
  /// Microseconds until it is done, at the pace of late; nil where nobody can say.
  public var remaining: Int64?
  /// What it waits for; nil while it is worked on.
  public var waiting: Waiting?
}

/// Watches the counters of a backfill and says how far it is.
///
/// The time left is told only when it means something: the backfill runs, was watched for ten
/// seconds without a pause, at least five partitions ended meanwhile, and nothing stands in its way
/// that a person must clear. It is never less than the time until the last waiting partition is due.
public struct ProgressMeter: Sendable {
  /// How far back the rate of records looks, in microseconds.
  public static let rateSpan: Int64 = 10_000_000
  /// How far back the pace of partitions looks, in microseconds.
  public static let paceSpan: Int64 = 600_000_000
  /// How long it must have been watched before the time left is told, in microseconds.
  public static let leastWatched: Int64 = 10_000_000
  /// How many partitions must have ended meanwhile.
  public static let leastEnded = 5

  private struct Sample: Sendable {
    var at: Instant
    var ended: Int
    var records: Int64
  }

  private var samples: [Sample] = []
  private var facts: ProgressFacts?

  /// A meter that has seen nothing.
  public init() {}

  /// Takes in the facts of a moment, which must not lie before the last.
  public mutating func note(_ facts: ProgressFacts, at now: Instant) {
    // The pace before a pause says nothing about the pace after it.
    if self.facts?.state != facts.state { samples = [] }
    self.facts = facts
    let sample = Sample(at: now, ended: facts.ended, records: facts.records)
    // A second between samples is fine enough; the last one always stands.
    if samples.count > 1, now.microseconds(since: samples[samples.count - 2].at) < 1_000_000 {
      samples[samples.count - 1] = sample
    } else {
      samples.append(sample)
    }
    let tooOld = samples.prefix { now.microseconds(since: $0.at) > Self.paceSpan }
    samples.removeFirst(tooOld.count)
  }

  /// What can be said at a moment; nil before anything was seen.
  public func progress(at now: Instant) -> Progress? {
    facts.map { facts in
      let waiting = Waiting(facts, at: now)
      return Progress(
        done: facts.ended, needed: facts.partitions.needed, recordsPerSecond: recordsPerSecond(now),
        remaining: remaining(facts, waiting, now), waiting: waiting)
    }
  }

  private func recordsPerSecond(_ now: Instant) -> Double? {
    guard let last = samples.last,
      let first = samples.first(where: { now.microseconds(since: $0.at) <= Self.rateSpan }),
      now.microseconds(since: first.at) >= 1_000_000
    else { return nil }
    let seconds = Double(now.microseconds(since: first.at)) / 1_000_000
    return Double(max(0, last.records - first.records)) / seconds
  }

  private func remaining(_ facts: ProgressFacts, _ waiting: Waiting?, _ now: Instant) -> Int64? {
    if facts.partitions.open == 0 { return 0 }
    switch waiting {
    case .approval, .resume, .worker, .partition, .count: return nil
    case .turn, .source, .retry, nil: break
    }
    guard facts.state == .running, facts.blockedBy == nil, let first = samples.first,
      let last = samples.last
    else { return nil }
    let watched = now.microseconds(since: first.at)
    let ended = last.ended - first.ended
    guard watched >= Self.leastWatched, ended >= Self.leastEnded else { return nil }
    let atThisPace = Double(watched) / Double(ended) * Double(facts.partitions.open)
    let due = facts.lastDue.map { $0.microseconds(since: now) } ?? 0
    return max(Int64(min(atThisPace, 1e17)), due)
  }
}

extension ProgressFacts {
  /// How many of the needed partitions have ended.
  fileprivate var ended: Int {
    partitions[.succeeded] + partitions[.failed] + partitions[.cancelled]
  }
}

extension Wording {
  /// What became of records, the large first and zeros left out: `1,203 read: 41 added, 1,162 unchanged`.
  public static func outcomes(_ records: OutcomeCounts) -> String {
    let parts = Outcome.allCases.filter { records[$0] > 0 }.map { outcome in
      "\(number(records[outcome])) \(outcome.words)"
    }
    let read = count(records.read, "record") + " read"
    return parts.isEmpty ? read : "\(read): \(parts.joined(separator: ", "))"
  }

  /// What became of partitions, zeros left out: `89 partitions succeeded, 1 failed`.
  public static func outcomes(_ partitions: PartitionCounts) -> String {
    let order: [PartitionState] = [
      .succeeded, .failed, .cancelled, .quarantined, .running, .waiting, .ready, .skipped,
      .replaced,
    ]
    let parts = order.filter { partitions[$0] > 0 }.enumerated().map { index, state in
      let amount = partitions[state]
      return (index == 0 ? count(amount, "partition") : number(amount)) + " \(state.words)"
    }
    return parts.isEmpty ? "no partitions" : parts.joined(separator: ", ")
  }
}

extension Outcome {
  /// The outcome in the words of somebody who reads a notice.
  public var words: String {
    switch self {
    case .inserted: "added"
    case .versioned: "changed"
    case .unchanged: "unchanged"
    case .kept: "changed at the source and kept as they were"
    case .stale: "older than what is stored"
    case .duplicate: "twice in a batch"
    case .rejected: "rejected"
    case .outside: "outside of the window"
    }
  }
}

extension PartitionState {
  /// The state in a sentence.
  public var words: String {
    switch self {
    case .waiting: "waiting"
    case .ready: "ready"
    case .running: "running"
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .skipped: "skipped"
    case .replaced: "replaced by smaller ones"
    case .quarantined: "set aside"
    case .cancelled: "cancelled"
    }
  }
}

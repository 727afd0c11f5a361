import Domain
import Testing

@Suite struct BackfillStateTests {
  @Test(
    "the state follows from what is wanted and from the partitions",
    arguments: [
      (Intent.run, [.ready: 3], BackfillState.running),
      (.run, [.waiting: 1, .succeeded: 8, .failed: 2], .running),
      (.run, [.running: 1, .succeeded: 8], .running),
      (.pause, [.ready: 3], .paused),
      (.pause, [.succeeded: 3], .succeeded),
      (.approval, [.ready: 3], .awaitingApproval),
      (.approval, [.skipped: 3], .succeeded),
      (.cancel, [.cancelled: 2, .succeeded: 5], .cancelled),
      (.cancel, [.running: 1, .cancelled: 5], .running),
      (.cancel, [.succeeded: 5], .succeeded),
      (.run, [.succeeded: 3, .skipped: 2, .replaced: 1], .succeeded),
      (.run, [.succeeded: 3, .failed: 1], .partiallyFailed),
      (.run, [.succeeded: 3, .quarantined: 1], .partiallyFailed),
      (.run, [.succeeded: 3, .cancelled: 1], .partiallyFailed),
      (.run, [.failed: 2, .skipped: 2], .failed),
      (.run, [.skipped: 2], .succeeded),
    ] as [(Intent, [PartitionState: Int], BackfillState)])
  func folds(intent: Intent, counts: [PartitionState: Int], state: BackfillState) {
    #expect(BackfillState.fold(intent, PartitionCounts(counts)) == state)
  }

  @Test("no event has two outcomes in one state, and every state can be reached")
  func isSound() {
    for state in BackfillState.allCases {
      for event in BackfillEvent.allCases {
        let rows = BackfillState.transitions.filter { $0.from == state && $0.event == event }
        #expect(rows.count <= 1, "\(state) \(event)")
      }
    }
    var reached = Set(BackfillState.initial)
    for _ in BackfillState.allCases {
      reached.formUnion(BackfillState.transitions.filter { reached.contains($0.from) }.map(\.to))
    }
    #expect(reached == Set(BackfillState.allCases))
    #expect(Set(BackfillState.transitions.map(\.event)) == Set(BackfillEvent.allCases))
  }

  @Test(
    "whatever happens to its partitions, a backfill only takes steps of its table",
    arguments: Seeded.seeds(40))
  func stepsAreLegal(seed: UInt64) {
    var generator = Seeded(seed)
    var backfill = SimulatedBackfill(using: &generator)
    for _ in 0..<400 {
      let before = backfill.state
      let what = backfill.act(using: &generator)
      let after = backfill.state
      let isLegal =
        before == after
        || BackfillState.transitions.contains { $0.from == before && $0.to == after }
      guard isLegal else {
        Issue.record("\(before) became \(after) by \(what), seed \(seed)")
        return
      }
    }
  }

  @Test("the diagram shows every step of the table")
  func draws() {
    let lines = StateDiagram.partition.split(separator: "\n")
    #expect(lines.first == "stateDiagram-v2")
    #expect(lines.contains("  running --> failed: gave up (rescuer, worker)"))
    #expect(
      lines.count == 1 + PartitionState.initial.count + PartitionState.transitions.count
        + PartitionState.allCases.count(where: \.isTerminal))
    #expect(StateDiagram.backfill.contains("  paused --> running: resumed (operator)\n"))
  }
}

/// A backfill of a few partitions to which anything legal may happen.
private struct SimulatedBackfill {
  private var intent: Intent
  private var partitions: [PartitionState]

  init(using generator: inout Seeded) {
    intent = generator.pick([.run, .approval])
    partitions = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      generator.pick(PartitionState.initial)
    }
  }

  var state: BackfillState {
    BackfillState.fold(
      intent, PartitionCounts(Dictionary(partitions.map { ($0, 1) }, uniquingKeysWith: +)))
  }

  mutating func act(using generator: inout Seeded) -> String {
    if Int.random(in: 0..<5, using: &generator) == 0 { return steer(using: &generator) }
    return work(using: &generator)
  }

  private mutating func steer(using generator: inout Seeded) -> String {
    let event = generator.pick([BackfillEvent.approved, .paused, .resumed, .cancelled, .retried])
    guard state.after(event, by: .operator) != nil else { return "nothing" }
    switch event {
    case .paused: intent = .pause
    case .cancelled:
      intent = .cancel
      partitions = partitions.map { $0.after(.cancelled, by: .operator) ?? $0 }
    case .retried:
      let again = partitions.map { $0.after(.retried, by: .operator) ?? $0 }
      guard again != partitions else { return "nothing" }
      intent = .run
      partitions = again
    default: intent = .run
    }
    return event.rawValue
  }

  private mutating func work(using generator: inout Seeded) -> String {
    let index = Int.random(in: partitions.indices, using: &generator)
    let event = generator.pick(PartitionEvent.allCases)
    let who = generator.pick(Participant.allCases)
    // Cancelling and retrying are done to the backfill, and nothing is claimed unless it runs.
    if [.cancelled, .retried].contains(event) || state == .awaitingApproval { return "nothing" }
    if event == .claimed, state != .running { return "nothing" }
    guard let next = partitions[index].after(event, by: who) else { return "nothing" }
    if event == .putBack, state.isTerminal { intent = .run }
    partitions[index] = next
    if next == .replaced { partitions += [.ready, .ready] }
    return event.rawValue
  }
}

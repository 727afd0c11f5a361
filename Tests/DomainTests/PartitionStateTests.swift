import Domain
import Testing

@Suite struct PartitionStateTests {
  @Test("no event has two outcomes in one state")
  func isAFunction() {
    for state in PartitionState.allCases {
      for event in PartitionEvent.allCases {
        let rows = PartitionState.transitions.filter { $0.from == state && $0.event == event }
        #expect(rows.count <= 1, "\(state) \(event)")
      }
    }
  }

  @Test("every state can be reached and every event can happen")
  func isConnected() {
    var reached = Set(PartitionState.initial)
    for _ in PartitionState.allCases {
      reached.formUnion(PartitionState.transitions.filter { reached.contains($0.from) }.map(\.to))
    }
    #expect(reached == Set(PartitionState.allCases))
    #expect(Set(PartitionState.transitions.map(\.event)) == Set(PartitionEvent.allCases))
  }

  @Test("what ended stays as it is, unless an operator retries it or gives it up")
  func terminalStatesAbsorb() {
    let ways = PartitionState.transitions.filter { $0.from.isTerminal }
    #expect(ways.allSatisfy { $0.actors == [.operator] })
    #expect(Set(ways.map(\.event)) == [.retried, .skipped])
    #expect(Set(ways.map(\.from)) == [.failed, .cancelled])
  }

  @Test("only a running partition takes a batch or ends by a worker")
  func onlyRunningCommits() {
    for event in [PartitionEvent.batchCommitted, .completed, .gaveUp, .lost, .rateLimited] {
      #expect(PartitionState.before(event) == [.running], "\(event)")
    }
  }

  @Test("an event by somebody who may not make it is illegal")
  func asksWho() {
    #expect(PartitionState.running.after(.completed, by: .worker) == .succeeded)
    #expect(PartitionState.running.after(.completed, by: .operator) == nil)
    #expect(PartitionState.running.after(.lost, by: .worker) == nil)
    #expect(PartitionState.running.after(.gaveUp, by: .rescuer) == .failed)
    #expect(PartitionState.failed.after(.retried, by: .worker) == nil)
    #expect(PartitionState.succeeded.after(.retried, by: .operator) == nil)
  }

  @Test("whatever happens, a partition that is not terminal can still be cancelled or end")
  func isLive() {
    for state in PartitionState.allCases where !state.isTerminal {
      #expect(state.after(.cancelled, by: .operator) == .cancelled, "\(state)")
    }
  }
}

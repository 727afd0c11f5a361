import Testing

@testable import Postgres

@Suite struct PoolStateTests {
  private static let outage = PostgresError(.connectFailed, "nobody listens")
  private static let refusal = PostgresError(.connectFailed, "wrong password", state: "28P01")

  /// Plays the pool around a state: knows what is open, who waits, and checks every action.
  private struct Model {
    var state: PoolState
    var random: SeededGenerator
    let limits: PoolLimits
    var now = ContinuousClock.now
    var opening: Set<PoolState.SlotID> = []
    var idle: Set<PoolState.SlotID> = []
    var leased: Set<PoolState.SlotID> = []
    var queue: [PoolState.WaiterID] = []
    var lastWaiter = 0
    var served = 0
    var quietUntil: ContinuousClock.Instant?
    var isClosed = false

    init(limits: PoolLimits, seed: UInt64) {
      self.limits = limits
      state = PoolState(limits: limits)
      random = SeededGenerator(seed: seed)
    }

    mutating func want() {
      lastWaiter += 1
      queue.append(PoolState.WaiterID(number: lastWaiter))
      apply(.wanted(by: PoolState.WaiterID(number: lastWaiter)))
    }

    mutating func finishOpening(_ result: Result<Void, PostgresError>) {
      guard let slot = opening.sorted(by: { $0.number < $1.number }).first else { return }
      opening.remove(slot)
      switch result {
      case .success:
        idle.insert(slot)
        quietUntil = nil
        apply(.opened(slot))
      case .failure(let error):
        if error.isRetryable { quietUntil = now + limits.backoff.base * 0.5 }
        apply(.openFailed(slot, error))
      }
    }

    mutating func release(isUsable: Bool) {
      guard let slot = leased.sorted(by: { $0.number < $1.number }).first else { return }
      leased.remove(slot)
      idle.insert(slot)
      apply(.released(slot, isUsable: isUsable))
    }

    mutating func pass(_ duration: Duration) {
      now += duration
      apply(.timePassed)
    }

    mutating func close() {
      isClosed = true
      apply(.closed)
    }

    mutating func apply(_ event: PoolState.Event) {
      for action in state.handle(event, now: now, using: &random) { check(action) }
      #expect(opening.count + idle.count + leased.count <= limits.connections)
      #expect(queue.isEmpty || idle.isEmpty, "somebody waits beside an idle connection")
      if isClosed { #expect(queue.isEmpty && idle.isEmpty) }
    }

    private mutating func check(_ action: PoolState.Action) {
      switch action {
      case .open(let slot):
        #expect(!opening.contains(slot) && !idle.contains(slot) && !leased.contains(slot))
        #expect(!isClosed && !queue.isEmpty, "opened for nobody")
        if let quietUntil {
          #expect(quietUntil <= now && opening.isEmpty, "knocked too early or twice")
        }
        opening.insert(slot)
      case .lease(let slot, let waiter):
        #expect(idle.remove(slot) != nil, "leased what was not idle")
        #expect(queue.first == waiter, "served out of turn")
        queue.removeAll { $0 == waiter }
        leased.insert(slot)
        served += 1
      case .fail(let waiter, _):
        #expect(queue.contains(waiter))
        queue.removeAll { $0 == waiter }
      case .close(let slot):
        #expect(idle.remove(slot) != nil, "closed what was not idle")
      }
    }
  }

  @Test("whatever happens, in any order, the pool keeps its promises", arguments: 1...40)
  func anything(seed: UInt64) {
    var choice = SeededGenerator(seed: seed)
    let limits = PoolLimits(
      connections: Int.random(in: 1...4, using: &choice), idleTimeout: .seconds(5),
      patience: .seconds(3), backoff: Backoff(base: .milliseconds(100), cap: .seconds(1)))
    var model = Model(limits: limits, seed: seed)
    for _ in 0..<400 {
      switch Int.random(in: 0..<10, using: &choice) {
      case 0...2: model.want()
      case 3...4: model.finishOpening(.success(()))
      case 5: model.finishOpening(.failure(Self.outage))
      case 6...7: model.release(isUsable: Bool.random(using: &choice))
      case 8: model.pass(.milliseconds(Int.random(in: 0...800, using: &choice)))
      default:
        if let waiter = model.queue.randomElement(using: &choice) {
          model.apply(.cancelled(waiter))
        }
      }
    }
    #expect(model.served > 20, "seed \(seed)")
    drain(&model, seed)
  }

  /// When faults end, whoever waits is served, and a closed pool gives everything back.
  private func drain(_ model: inout Model, _ seed: UInt64) {
    for _ in 0..<200 where !model.queue.isEmpty {
      model.release(isUsable: true)
      model.finishOpening(.success(()))
      model.pass(.milliseconds(10))
    }
    #expect(model.queue.isEmpty, "seed \(seed)")
    model.want()
    model.close()
    while !model.opening.isEmpty { model.finishOpening(.success(())) }
    while !model.leased.isEmpty { model.release(isUsable: true) }
    model.want()
    #expect(model.idle.isEmpty && model.queue.isEmpty, "seed \(seed)")
    #expect(model.state.nextDeadline == nil)
  }

  @Test("a waiter hears of the outage when its patience ends, not of a full pool")
  func outageReason() {
    var state = PoolState(limits: PoolLimits(connections: 2, patience: .seconds(3)))
    var random = SeededGenerator(seed: 1)
    let start = ContinuousClock.now
    let waiter = PoolState.WaiterID(number: 1)
    let slot = PoolState.SlotID(number: 1)
    #expect(state.handle(.wanted(by: waiter), now: start, using: &random) == [.open(slot)])
    #expect(
      state.handle(.openFailed(slot, Self.outage), now: start, using: &random) == [])
    #expect(state.nextDeadline.map { $0 < start + .milliseconds(101) } == true)
    let later = state.handle(.timePassed, now: start + .seconds(3), using: &random)
    #expect(later == [.fail(waiter, Self.outage)])
  }

  @Test(
    "a refusal that no waiting mends reaches all who wait at once, and is not held against later")
  func refusal() {
    var state = PoolState(limits: PoolLimits(connections: 1))
    var random = SeededGenerator(seed: 1)
    let (first, second) = (PoolState.WaiterID(number: 1), PoolState.WaiterID(number: 2))
    let slot = PoolState.SlotID(number: 1)
    #expect(state.handle(.wanted(by: first), now: .now, using: &random) == [.open(slot)])
    #expect(state.handle(.wanted(by: second), now: .now, using: &random) == [])
    #expect(
      state.handle(.openFailed(slot, Self.refusal), now: .now, using: &random)
        == [.fail(first, Self.refusal), .fail(second, Self.refusal)])
    #expect(
      state.handle(.wanted(by: first), now: .now, using: &random)
        == [.open(PoolState.SlotID(number: 2))])
  }

  @Test("a full pool says so when patience ends")
  func fullPool() {
    var state = PoolState(limits: PoolLimits(connections: 1, patience: .seconds(3)))
    var random = SeededGenerator(seed: 1)
    let start = ContinuousClock.now
    let (first, second) = (PoolState.WaiterID(number: 1), PoolState.WaiterID(number: 2))
    let slot = PoolState.SlotID(number: 1)
    _ = state.handle(.wanted(by: first), now: start, using: &random)
    #expect(state.handle(.opened(slot), now: start, using: &random) == [.lease(slot, to: first)])
    #expect(state.handle(.wanted(by: second), now: start, using: &random) == [])
    #expect(state.nextDeadline == start + .seconds(3))
    let actions = state.handle(.timePassed, now: start + .seconds(3), using: &random)
    guard case .fail(second, let error) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == .poolTimedOut && error.isRetryable && error.nothingWasSent)
  }

  @Test("the connection used last is taken first, and the others are closed when they stay idle")
  func idleConnections() {
    var state = PoolState(limits: PoolLimits(connections: 2, idleTimeout: .seconds(10)))
    var random = SeededGenerator(seed: 1)
    let start = ContinuousClock.now
    let waiters = (1...3).map { PoolState.WaiterID(number: $0) }
    let slots = (1...2).map { PoolState.SlotID(number: $0) }
    for index in 0..<2 {
      _ = state.handle(.wanted(by: waiters[index]), now: start, using: &random)
      _ = state.handle(.opened(slots[index]), now: start, using: &random)
    }
    for slot in slots {
      _ = state.handle(.released(slot, isUsable: true), now: start, using: &random)
    }
    #expect(
      state.handle(.wanted(by: waiters[2]), now: start, using: &random)
        == [.lease(slots[1], to: waiters[2])])
    #expect(
      state.handle(.timePassed, now: start + .seconds(10), using: &random) == [.close(slots[0])])
  }
}

/// What a pool does next: events in, actions out, no connection and no clock inside.
struct PoolState {
  typealias Instant = ContinuousClock.Instant

  /// One place for a connection, from its opening to its close.
  struct SlotID: Hashable, Sendable { let number: Int }
  /// One call that wants a connection.
  struct WaiterID: Hashable, Sendable { let number: Int }

  enum Event {
    case wanted(by: WaiterID)
    case cancelled(WaiterID)
    case opened(SlotID)
    case openFailed(SlotID, PostgresError)
    case released(SlotID, isUsable: Bool)
    case timePassed
    case closed
  }

  enum Action: Equatable {
    case open(SlotID)
    case lease(SlotID, to: WaiterID)
    case fail(WaiterID, PostgresError)
    case close(SlotID)
  }

  /// A slot is in use from the order to open it until it is closed.
  private enum Slot: Equatable {
    case opening
    case idle(since: Instant)
    case leased
  }

  private struct Waiter {
    let id: WaiterID
    let deadline: Instant
  }

  /// While the server cannot be reached, one attempt at a time knocks.
  private enum Health {
    case good
    case failing(times: Int, retryAt: Instant, PostgresError)
  }

  private let limits: PoolLimits
  private var slots: [SlotID: Slot] = [:]
  /// Idle slots, the one used last at the end: it is taken first, so that the others can expire.
  private var idle: [SlotID] = []
  private var waiters: [Waiter] = []
  private var health = Health.good
  private var isClosed = false
  private var lastSlot = 0

  init(limits: PoolLimits) {
    self.limits = limits
  }

  /// What is to be done because of an event.
  mutating func handle(
    _ event: Event, now: Instant, using generator: inout some RandomNumberGenerator
  ) -> [Action] {
    var actions: [Action] = []
    switch event {
    case .wanted(let waiter): admit(waiter, now, &actions)
    case .cancelled(let waiter): cancel(waiter, &actions)
    case .opened(let slot): opened(slot, now, &actions)
    case .openFailed(let slot, let error): openFailed(slot, error, now, &actions, &generator)
    case .released(let slot, let isUsable): released(slot, isUsable, now, &actions)
    case .timePassed: expireIdle(now, &actions)
    case .closed: close(&actions)
    }
    leaseIdle(&actions)
    expireWaiters(now, &actions)
    openMissing(now, &actions)
    return actions
  }

  /// When `timePassed` is due, nil while nothing waits for time.
  var nextDeadline: Instant? {
    var deadline: Instant?
    func consider(_ instant: Instant) { deadline = min(deadline ?? instant, instant) }
    waiters.forEach { consider($0.deadline) }
    for case .idle(let since) in slots.values { consider(since + limits.idleTimeout) }
    if case .failing(_, let retryAt, _) = health, !waiters.isEmpty, openingCount == 0 {
      consider(retryAt)
    }
    return deadline
  }

  // Events

  private mutating func admit(_ waiter: WaiterID, _ now: Instant, _ actions: inout [Action]) {
    guard !isClosed else {
      actions.append(.fail(waiter, Self.closedError))
      return
    }
    waiters.append(Waiter(id: waiter, deadline: now + limits.patience))
  }

  /// A waiter that has its connection already keeps it, and finds the cancellation itself.
  private mutating func cancel(_ waiter: WaiterID, _ actions: inout [Action]) {
    guard let index = waiters.firstIndex(where: { $0.id == waiter }) else { return }
    waiters.remove(at: index)
    actions.append(.fail(waiter, Self.cancelledError))
  }

  private mutating func opened(_ slot: SlotID, _ now: Instant, _ actions: inout [Action]) {
    guard slots[slot] == .opening else { return }
    health = .good
    store(slot, now, &actions)
  }

  private mutating func openFailed(
    _ slot: SlotID, _ error: PostgresError, _ now: Instant, _ actions: inout [Action],
    _ generator: inout some RandomNumberGenerator
  ) {
    guard slots[slot] == .opening else { return }
    slots[slot] = nil
    guard error.isRetryable else {
      // Such as a wrong password: waiting would not help anybody.
      actions += waiters.map { .fail($0.id, error) }
      waiters.removeAll()
      return
    }
    var times = 1
    if case .failing(let before, _, _) = health { times = before + 1 }
    let pause = limits.backoff.pause(after: times, using: &generator)
    health = .failing(times: times, retryAt: now + pause, error)
  }

  private mutating func released(
    _ slot: SlotID, _ isUsable: Bool, _ now: Instant, _ actions: inout [Action]
  ) {
    guard slots[slot] == .leased else { return }
    guard isUsable else {
      slots[slot] = nil
      actions.append(.close(slot))
      return
    }
    store(slot, now, &actions)
  }

  private mutating func store(_ slot: SlotID, _ now: Instant, _ actions: inout [Action]) {
    guard !isClosed else {
      slots[slot] = nil
      actions.append(.close(slot))
      return
    }
    slots[slot] = .idle(since: now)
    idle.append(slot)
  }

  private mutating func expireIdle(_ now: Instant, _ actions: inout [Action]) {
    for slot in idle {
      guard case .idle(let since) = slots[slot], since + limits.idleTimeout <= now else { continue }
      slots[slot] = nil
      actions.append(.close(slot))
    }
    idle.removeAll { slots[$0] == nil }
  }

  private mutating func close(_ actions: inout [Action]) {
    isClosed = true
    actions += waiters.map { .fail($0.id, Self.closedError) }
    actions += idle.map { .close($0) }
    idle.forEach { slots[$0] = nil }
    waiters.removeAll()
    idle.removeAll()
  }

  // After each event

  private mutating func leaseIdle(_ actions: inout [Action]) {
    while !waiters.isEmpty, let slot = idle.popLast() {
      slots[slot] = .leased
      actions.append(.lease(slot, to: waiters.removeFirst().id))
    }
  }

  private mutating func expireWaiters(_ now: Instant, _ actions: inout [Action]) {
    // All wait equally long, so the first in the queue is the first to give up.
    while let waiter = waiters.first, waiter.deadline <= now {
      waiters.removeFirst()
      actions.append(.fail(waiter.id, timeoutError))
    }
  }

  private mutating func openMissing(_ now: Instant, _ actions: inout [Action]) {
    var wanted = min(waiters.count - openingCount, limits.connections - slots.count)
    if case .failing(_, let retryAt, _) = health {
      wanted = retryAt <= now ? min(wanted, 1 - openingCount) : 0
    }
    guard wanted > 0 else { return }
    for _ in 0..<wanted {
      lastSlot += 1
      let slot = SlotID(number: lastSlot)
      slots[slot] = .opening
      actions.append(.open(slot))
    }
  }

  private var openingCount: Int { slots.values.count { $0 == .opening } }

  /// While the server cannot be reached, that is what a waiter should hear.
  private var timeoutError: PostgresError {
    if case .failing(_, _, let error) = health { return error }
    return PostgresError(
      .poolTimedOut,
      "None of the \(limits.connections) connections became free within \(limits.patience).")
  }

  private static let closedError = PostgresError(.poolClosed, "The pool of connections is closed.")

  private static let cancelledError = PostgresError(
    .cancelled, "The task was cancelled while it waited for a connection.")
}

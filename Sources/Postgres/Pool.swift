/// Connections that tasks share, each used by one task at a time; call `close` when done.
///
/// Waiting tasks are served in order. A connection that broke, or that comes back inside a
/// transaction, is dropped and replaced when somebody needs it.
public actor Pool {
  private let settings: ConnectionSettings
  private var state: PoolState
  private var generator: any RandomNumberGenerator & Sendable
  private var connections: [PoolState.SlotID: Connection] = [:]
  private var opening: [PoolState.SlotID: Task<Void, Never>] = [:]
  private var waiting: [PoolState.WaiterID: CheckedContinuation<Answer, Never>] = [:]
  private var timer: (task: Task<Void, Never>, deadline: PoolState.Instant)?
  private var lastWaiter = 0

  private typealias Answer = Result<Lease, PostgresError>

  private struct Lease: Sendable {
    let slot: PoolState.SlotID
    let connection: Connection
  }

  /// A pool without connections yet; the generator spreads the attempts to reconnect.
  public init(
    _ settings: ConnectionSettings, _ limits: PoolLimits,
    generator: any RandomNumberGenerator & Sendable
  ) {
    self.settings = settings
    self.generator = generator
    state = PoolState(limits: limits)
  }

  /// Runs `body` with a connection that is its own until it returns.
  public nonisolated(nonsending) func withConnection<Value, Failure: PostgresFailure>(
    _ body: nonisolated(nonsending) (Connection) async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let lease: Lease
    do throws(PostgresError) { lease = try await acquire() } catch { throw Failure(error) }
    let result: Result<Value, Failure>
    do throws(Failure) {
      result = .success(try await body(lease.connection))
    } catch {
      result = .failure(error)
    }
    await release(lease)
    return try result.get()
  }

  /// The same for a body that throws errors of any type.
  public nonisolated(nonsending) func withConnection<Value>(
    _ body: nonisolated(nonsending) (Connection) async throws -> Value
  ) async throws -> Value {
    let lease = try await acquire()
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(lease.connection))
    } catch {
      result = .failure(error)
    }
    await release(lease)
    return try result.get()
  }

  /// Runs `body` in a transaction on a connection of its own.
  public nonisolated(nonsending) func withTransaction<Value, Failure: PostgresFailure>(
    _ isolation: Isolation = .readCommitted,
    _ body: nonisolated(nonsending) (Connection) async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    try await withConnection { connection throws(Failure) in
      try await connection.transaction(isolation, body)
    }
  }

  /// The same for a body that throws errors of any type.
  public nonisolated(nonsending) func withTransaction<Value>(
    _ isolation: Isolation = .readCommitted,
    _ body: nonisolated(nonsending) (Connection) async throws -> Value
  ) async throws -> Value {
    try await withConnection { connection in
      try await connection.transaction(isolation, body)
    }
  }

  /// Closes what is idle, and the rest as it comes back; who waits gets an error.
  public func close() async {
    timer?.task.cancel()
    opening.values.forEach { $0.cancel() }
    await handle(.closed)
    for task in opening.values { await task.value }
  }

  // Leases

  /// A connection may have ended while it lay idle; it is looked at before it is handed out.
  private func acquire() async throws(PostgresError) -> Lease {
    while true {
      let lease = try await nextLease().get()
      if await lease.connection.status == .idle { return lease }
      await handle(.released(lease.slot, isUsable: false))
    }
  }

  private func nextLease() async -> Answer {
    lastWaiter += 1
    let waiter = PoolState.WaiterID(number: lastWaiter)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        waiting[waiter] = continuation
        perform(.wanted(by: waiter))
      }
    } onCancel: {
      Task { await self.handle(.cancelled(waiter)) }
    }
  }

  private func release(_ lease: Lease) async {
    let isUsable = await lease.connection.status == .idle
    await handle(.released(lease.slot, isUsable: isUsable))
  }

  // State

  private func handle(_ event: PoolState.Event) async {
    for connection in perform(event) { await connection.close() }
  }

  /// Does what the state says, but for the connections returned, which are to be closed.
  @discardableResult
  private func perform(_ event: PoolState.Event) -> [Connection] {
    var closing: [Connection] = []
    for action in state.handle(event, now: .now, using: &generator) {
      switch action {
      case .open(let slot): open(slot)
      case .lease(let slot, let waiter): lease(slot, to: waiter)
      case .fail(let waiter, let error):
        waiting.removeValue(forKey: waiter)?.resume(returning: .failure(error))
      case .close(let slot):
        if let connection = connections.removeValue(forKey: slot) { closing.append(connection) }
      }
    }
    setTimer()
    return closing
  }

  private func open(_ slot: PoolState.SlotID) {
    opening[slot] = Task {
      let result: Result<Connection, PostgresError>
      do throws(PostgresError) {
        result = .success(try await Connection.connect(settings))
      } catch {
        result = .failure(error)
      }
      await finishOpening(slot, result)
    }
  }

  private func finishOpening(
    _ slot: PoolState.SlotID, _ result: Result<Connection, PostgresError>
  ) async {
    opening[slot] = nil
    switch result {
    case .success(let connection):
      connections[slot] = connection
      await handle(.opened(slot))
    case .failure(let error):
      await handle(.openFailed(slot, error))
    }
  }

  private func lease(_ slot: PoolState.SlotID, to waiter: PoolState.WaiterID) {
    guard let connection = connections[slot] else { return }
    waiting.removeValue(forKey: waiter)?.resume(
      returning: .success(Lease(slot: slot, connection: connection)))
  }

  /// One timer for all deadlines; where it rings early, it is set again.
  private func setTimer() {
    guard let deadline = state.nextDeadline else { return }
    if let timer, timer.deadline <= deadline { return }
    timer?.task.cancel()
    let task = Task { [weak self] in
      do {
        try await Task.sleep(until: deadline, clock: .continuous)
      } catch {
        return  // cancelled for an earlier deadline
      }
      await self?.ring()
    }
    timer = (task, deadline)
  }

  private func ring() async {
    timer = nil
    await handle(.timePassed)
  }
}

import Connectors
import Domain
import Postgres
import Stores

/// The request budget of one source in this process: takes slots of the store for those who wait,
/// lets each request out at its time, and tells the store what answers say.
///
/// A source without limits that is not held costs no more than a look.
actor SourceBudget: RequestPermits {
  let source: Int32
  let name: String
  let store: BudgetStore
  let outage: DatabaseOutage
  let surroundings: Surroundings
  /// Holds all requests of this process to the source, those that no limit counts included.
  nonisolated let gate: SourceGate
  private let pass = FreePass()
  private let began = ContinuousClock.now

  var known: KnownBudget?
  var clock = ClockReading()
  var bucketGates: BucketGates
  var lines: [Route: WaitingLine] = [:]
  /// What requests that are under way hold of limits of concurrency.
  var holders: Set<Int64> = []
  /// The spacings that answers named, as the store knows them.
  var spacings: [LimitBucket: Int64] = [:]
  private var lastID: UInt64 = 0

  init(
    of source: Int32, named name: String, store: BudgetStore, outage: DatabaseOutage,
    surroundings: Surroundings
  ) {
    self.source = source
    self.name = name
    self.store = store
    self.outage = outage
    self.surroundings = surroundings
    gate = SourceGate(now: surroundings.now)
    bucketGates = BucketGates(now: surroundings.now)
  }

  /// Microseconds of a clock that is never set.
  var steady: Int64 {
    let passed = began.duration(to: .now).components
    return passed.seconds * 1_000_000 + passed.attoseconds / 1_000_000_000_000
  }

  nonisolated func take(for request: PermitRequest) async throws(SourceFailure) -> Permit {
    if pass.isValid { return .free }
    return try await permit(for: request)
  }

  @discardableResult
  nonisolated func settle(_ permit: Permit, _ outcome: PermitOutcome) async -> Int64? {
    if permit.isFree {
      guard case .answered(let answer) = outcome, answer.refusal != nil else { return nil }
    }
    return await learn(from: outcome, of: permit)
  }

  /// Looks again at what the store says, because something was changed there.
  nonisolated func refresh() {
    Task { await reload() }
  }
}

// Taking
extension SourceBudget {
  private func permit(for request: PermitRequest) async throws(SourceFailure) -> Permit {
    while !Task.isCancelled {
      let route = try await budget().route(of: request)
      for gate in [gate] + bucketGates.gates(of: route) {
        if let patience = await gate.pass() { throw budgeted(patience) }
      }
      if route.isFree {
        pass.isValid = known?.limits.isEmpty == true
        return .free
      }
      switch await wait(in: route) {
      case .permit(let permit):
        if await reach(permit, route) {
          holders.formUnion(permit.holders)
          return permit
        }
        await giveBack([permit])
      case .again: continue
      case .failed(let failure): throw failure
      }
    }
    throw SourceFailure(.network, "The reading of \(name) was given up.")
  }

  /// The limits, asked of the store where they are not known.
  private func budget() async throws(SourceFailure) -> KnownBudget {
    while !Task.isCancelled {
      if let known { return known }
      try await load()
    }
    throw SourceFailure(.network, "The reading of \(name) was given up.")
  }

  private func load() async throws(SourceFailure) {
    do {
      let stored = try await store.findBudget(of: source)
      outage.over()
      known = try KnownBudget(stored)
      if let left = stored.heldFor, left > 0 { gate.hold(for: left, because: stored.reason ?? "") }
      bucketGates.hold(stored)
    } catch let error as PostgresError {
      guard error.retryAdvice != .never else {
        throw SourceFailure(.storeRefused, "The budget of \(name) could not be read: \(error)")
      }
      await outage.wait(after: error)
    } catch {
      throw SourceFailure(.misconfigured, "The budget of \(name) does not work: \(error)")
    }
  }

  private func reload() async {
    pass.isValid = false
    do throws(SourceFailure) {
      try await load()
    } catch {
      surroundings.tell(.troubled(part: "budget", message: error.message))
    }
  }

  private func wait(in route: Route) async -> WaitingLine.Answer {
    lastID += 1
    let id = lastID
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        lines[route, default: WaitingLine()].join(
          WaitingLine.Waiter(id: id, since: .now, continuation: continuation))
        if lines[route]?.isAsking == false {
          lines[route]?.isAsking = true
          Task { await ask(for: route) }
        }
      }
    } onCancel: {
      Task { await self.leave(route, id) }
    }
  }

  private func leave(_ route: Route, _ id: UInt64) {
    lines[route]?.leave(id)?.continuation.resume(returning: .again)
  }

  /// Waits until a permit begins; false where it cannot be used any more.
  ///
  /// A process that was held up finds its slots gone: none is used late.
  private func reach(_ permit: Permit, _ route: Route) async -> Bool {
    guard let (from, until) = clock.ours(permit) else { return false }
    await sleep(from - steady)
    let gates = [gate] + bucketGates.gates(of: route)
    guard !Task.isCancelled, !gates.contains(where: \.isClosed) else { return false }
    return steady <= until
  }

  /// Cancelled, it returns at once, and whoever asked finds out.
  func sleep(_ microseconds: Int64) async {
    guard microseconds > 0 else { return }
    do {
      try await Task.sleep(for: .microseconds(microseconds), tolerance: .zero, clock: .continuous)
    } catch {
      return
    }
  }

  private func budgeted(_ failure: SourceFailure) -> SourceFailure {
    var failure = failure
    failure.isBudgeted = true
    return failure
  }

  /// The failure of one who has to wait for longer than a moment.
  func waiting(_ microseconds: Int64, because reason: String) -> SourceFailure {
    let now = surroundings.now()
    let until = Wording.clock(now.adding(microseconds: microseconds), at: now, in: .utc)
    return budgeted(
      SourceFailure(
        .rateLimited, "Waiting for \(name) until \(until) UTC: \(reason)",
        retryAfter: microseconds))
  }
}

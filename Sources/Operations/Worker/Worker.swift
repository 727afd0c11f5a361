import Domain
import Postgres
import Stores

/// Claims partitions and runs them, several at once, until it is told to stop.
public actor Worker {
  private let settings: WorkerSettings
  private let surroundings: Surroundings
  private let partitions: PartitionStore
  private let workers: WorkerStore
  private let outage: DatabaseOutage
  private let completer: EmptyCompleter
  private let source: WorkSource
  private let budgets: BudgetKeeper
  private let running = RunningSet()
  private let wakeup = Wakeup()
  private var isDraining = false
  private var isStopped = false
  /// Whether a claim failed of which the server may have done its part.
  private var mayHoldMore = false
  private var seclusion = Seclusion.none

  /// Whether a partition is run alone.
  private enum Seclusion {
    case none
    /// It is held, and begins when all others have ended.
    case waiting(ClaimedPartition, RunControl)
    case running(HeldPartition)
  }

  /// A worker that has not begun.
  public init(_ settings: WorkerSettings, _ surroundings: Surroundings) {
    self.settings = settings
    self.surroundings = surroundings
    partitions = PartitionStore(pool: surroundings.pool)
    workers = WorkerStore(pool: surroundings.pool)
    outage = DatabaseOutage(now: surroundings.now, tell: surroundings.tell)
    completer = EmptyCompleter(store: partitions, outage: outage)
    budgets = BudgetKeeper(surroundings, outage: outage)
    source = WorkSource(
      backfills: BackfillStore(pool: surroundings.pool), connectors: surroundings.connectors,
      verifiers: surroundings.verifiers, outage: outage, budgets: budgets)
  }

  /// Works until `drain` was called and every run has ended.
  ///
  /// Throws when the worker cannot even register; later it waits for a database that went away.
  public func run() async throws {
    let id = try await workers.registerWorker(
      name: settings.name, version: settings.version, concurrency: settings.concurrency)
    surroundings.tell(.workerStarted(name: settings.name, concurrency: settings.concurrency))
    let leases = LeaseKeeper(
      store: PartitionStore(pool: surroundings.leasePool), worker: id, running: running,
      settings: settings, now: surroundings.now, tell: surroundings.tell)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await leases.run() }
      group.addTask { [budgets] in await budgets.run() }
      await claim(as: id)
      group.cancelAll()
    }
    do throws(PostgresError) {
      try await workers.retireWorker(id)
    } catch {
      surroundings.tell(
        .troubled(part: "worker", message: "The worker could not sign off: \(error)"))
    }
    surroundings.tell(.workerStopped(name: settings.name))
  }

  /// Takes no more partitions; those that run commit what they read and are given back.
  public func drain() {
    guard !isDraining else { return }
    isDraining = true
    surroundings.tell(.workerDraining(name: settings.name, running: running.count))
    running.yieldAll(because: "the worker is stopping")
    wakeup.wake()
  }

  /// Stops at once; what was not committed is read again by whoever claims the partitions next.
  public func stop() async {
    isDraining = true
    isStopped = true
    running.abandonAll()
    await completer.stop()
    wakeup.wake()
  }

  /// Looks for work now rather than at the next poll.
  public nonisolated func wake() {
    wakeup.wake()
  }

  /// Hears that the budget of a source was changed or the source is held; nil for any.
  nonisolated func heard(ofBudget source: Int32?) {
    budgets.heard(of: source)
  }

  private func claim(as worker: WorkerID) async {
    while !(isDraining && running.count == 0) {
      await gatherRoom()
      lookAfterSecluded()
      var claimed: [ClaimedPartition] = []
      if !isDraining, room > 0 { claimed = await claim(room, as: worker) }
      if let suspect = await suspect(among: claimed) {
        await seclude(suspect, from: claimed)
      } else {
        for partition in claimed { start(partition) }
      }
      if claimed.isEmpty { await wakeup.sleep(seconds: await patience()) }
    }
  }

  /// Where runs end one by one within milliseconds, waits a moment, so that one claim serves many.
  private func gatherRoom() async {
    let room = settings.concurrency - running.count
    guard !isDraining, 0 < room, room < settings.concurrency / 4 else { return }
    // Cancelled, the loop goes on and finds out by itself.
    do { try await Task.sleep(for: Self.gathering) } catch { return }
  }

  private static let gathering = Duration.milliseconds(5)

  /// How many partitions can be taken.
  private var room: Int {
    if case .none = seclusion { settings.concurrency - running.count } else { 0 }
  }

  private func claim(_ room: Int, as worker: WorkerID) async -> [ClaimedPartition] {
    do throws(PostgresError) {
      try await releaseUnknown(of: worker)
      let claimed = try await partitions.claimPartitions(
        worker: worker, room: room, leaseSeconds: settings.claimSeconds)
      outage.over()
      return claimed
    } catch {
      mayHoldMore = mayHoldMore || error.effect == .unknown
      await outage.wait(after: error)
      return []
    }
  }

  /// Gives back what a claim took whose answer was lost: nobody runs it, and nobody would renew its
  /// lease, at whose end it would count as a failure.
  private func releaseUnknown(of worker: WorkerID) async throws(PostgresError) {
    guard mayHoldMore else { return }
    let unknown = try await partitions.findClaims(of: worker)
      .filter { !running.holds($0.held) }
    if !unknown.isEmpty {
      _ = try await partitions.endAttempts(
        unknown.map { .released($0.held, failures: $0.failures) })
    }
    mayHoldMore = false
  }

  /// How long to sleep when there is nothing to claim: until something is due, but not longer than
  /// a poll.
  private func patience() async -> Double {
    guard !isDraining, room > 0 else { return settings.pollSeconds }
    do throws(PostgresError) {
      guard let due = try await partitions.nextDue() else { return settings.pollSeconds }
      let left = Double(due.microseconds - surroundings.now().microseconds) / 1_000_000
      // Clocks of worker and server may differ: never busy, never later than a poll.
      return min(settings.pollSeconds, max(0.01, left))
    } catch {
      return settings.pollSeconds
    }
  }

  private func start(_ claimed: ClaimedPartition) {
    begin(claimed, take(claimed))
  }

  /// Adds a partition to those whose leases are renewed.
  private func take(_ claimed: ClaimedPartition) -> RunControl {
    let control = RunControl(
      HeldPartition(id: claimed.id, fence: claimed.fence), failures: claimed.failures,
      at: surroundings.now())
    // The claim may have been under way when the worker was told to end.
    if isDraining { control.yield(because: "the worker is stopping") }
    if isStopped { control.abandon() }
    running.add(control)
    return control
  }

  private func begin(_ claimed: ClaimedPartition, _ control: RunControl) {
    let task = Task { [running, wakeup] in
      await self.run(claimed, control)
      running.remove(control)
      wakeup.wake()
    }
    running.attach(task, to: control)
  }

  /// A partition whose last two attempts were both lost, if any: it may be what kills the workers,
  /// or have run beside what does, and in company the one could not be told from the other.
  private func suspect(among claimed: [ClaimedPartition]) async -> ClaimedPartition? {
    let tried = claimed.filter { $0.failures >= 2 }
    guard settings.concurrency > 1, !tried.isEmpty else { return nil }
    do throws(PostgresError) {
      let lost = try await partitions.findRepeatedlyLost(tried.map(\.id)).first
      return tried.first { $0.id == lost }
    } catch {
      // Unknown, they run as any others do.
      await outage.wait(after: error)
      return nil
    }
  }

  /// Gives all other partitions back, those that run after their next commit, so that one is alone.
  private func seclude(_ suspect: ClaimedPartition, from claimed: [ClaimedPartition]) async {
    running.yieldAll(because: "a partition whose workers died is tried alone")
    seclusion = .waiting(suspect, take(suspect))
    let others = claimed.filter { $0.id != suspect.id }
    guard !others.isEmpty else { return }
    do throws(PostgresError) {
      _ = try await partitions.endAttempts(
        others.map {
          .released(HeldPartition(id: $0.id, fence: $0.fence), failures: $0.failures)
        })
    } catch {
      // The next claim gives back what nobody runs.
      mayHoldMore = true
      await outage.wait(after: error)
    }
  }

  private func lookAfterSecluded() {
    switch seclusion {
    case .waiting(let claimed, let control) where running.count == 1:
      seclusion = .running(control.held)
      begin(claimed, control)
    case .running(let held) where !running.holds(held): seclusion = .none
    case .none, .waiting, .running: break
    }
  }

  private nonisolated func run(_ claimed: ClaimedPartition, _ control: RunControl) async {
    let settler = RunSettler(
      partitions: partitions, budgets: BudgetStore(pool: surroundings.pool), outage: outage,
      splitter: Splitter(partitions: partitions, outage: outage, tell: surroundings.tell),
      surroundings: surroundings)
    let row: BackfillRow
    do throws(WorkFault) {
      row = try await source.row(of: claimed.id.backfill)
    } catch {
      // Without its row nothing can be said of it; the lease runs out.
      return surroundings.tell(.troubled(part: "worker", message: error.message))
    }
    surroundings.tell(
      .partitionClaimed(
        claimed.id, stream: row.stream, window: claimed.window, fence: claimed.fence,
        attempt: Int(claimed.attempt)))
    let end = await end(claimed, of: row, control)
    await settler.settle(
      claimed, end, of: row, rule: await source.retryRule(of: row.id),
      splitRule: await source.splitRule(of: row.id))
  }

  private nonisolated func end(
    _ claimed: ClaimedPartition, of row: BackfillRow, _ control: RunControl
  ) async -> RunEnd {
    let work: BackfillWork
    do throws(SourceFailure) {
      work = try await source.work(of: row)
    } catch {
      return .failed(error, madeProgress: false)
    }
    control.attach(work.gate)
    let makeCommitter = { @Sendable [surroundings, outage] in
      Committer(
        store: CommitStore(pool: surroundings.pool), work: work, outage: outage,
        tell: surroundings.tell)
    }
    if let verifier = work.verifier {
      return await VerifyRun(
        claimed: claimed, work: work, verifier: verifier, makeCommitter: makeCommitter,
        steps: VerificationCommitter(
          store: VerificationStore(pool: surroundings.pool), outage: outage),
        control: control, leaseSeconds: settings.claimSeconds, now: surroundings.now
      ).run()
    }
    let end = await PartitionRun(
      claimed: claimed, work: work, committer: makeCommitter(), control: control,
      leaseSeconds: settings.claimSeconds, budget: settings.partitionBudget,
      now: surroundings.now, tell: surroundings.tell
    ).run()
    guard case .empty(let requests) = end else { return end }
    return await completer.complete(
      EmptyPartition(
        held: HeldPartition(id: claimed.id, fence: claimed.fence),
        requests: Int32(clamping: requests)))
  }
}

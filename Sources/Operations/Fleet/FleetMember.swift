public import Postgres
import Stores

/// One process of the fleet: a worker, and the services of which any process may do the work.
public struct FleetMember: Sendable {
  private let worker: Worker
  private let sequencer: Sequencer
  private let rescuer: Rescuer
  private let janitor: Janitor
  private let notifier: Notifier?
  private let listener: Listener

  /// A process that works on the store behind the surroundings' pools; `listening` are the settings
  /// of the connection on which it hears of work.
  ///
  /// Without a notifier it leaves the notices to others.
  public init(
    _ settings: WorkerSettings, _ surroundings: Surroundings, listening: ConnectionSettings,
    notifier: Notifier? = nil
  ) {
    worker = Worker(settings, surroundings)
    sequencer = Sequencer(pool: surroundings.pool, tell: surroundings.tell)
    rescuer = Rescuer(
      pool: surroundings.pool, leaseSeconds: settings.leaseSeconds,
      randomness: surroundings.randomness, tell: surroundings.tell)
    janitor = Janitor(pool: surroundings.pool, now: surroundings.now, tell: surroundings.tell)
    self.notifier = notifier
    listener = Listener(
      listening, channels: [SubmitStore.channel, BudgetStore.channel],
      generator: surroundings.randomness)
  }

  /// Works until it was drained or stopped.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await sequencer.run() }
      group.addTask { [worker] in await rescuer.run { worker.wake() } }
      group.addTask { await janitor.run() }
      group.addTask { await notifier?.run() }
      group.addTask { await listen() }
      do {
        try await worker.run()
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
    }
  }

  /// Takes no more partitions; those that run commit what they read and are given back.
  public func drain() async {
    await worker.drain()
  }

  /// Stops at once.
  public func stop() async {
    await worker.stop()
  }

  /// Hears of work, and of sources that ask for patience.
  ///
  /// Polling is the truth; whatever is missed here costs a moment.
  private func listen() async {
    do {
      for try await event in listener {
        switch event {
        case .notification(let message) where message.channel == BudgetStore.channel:
          worker.heard(ofBudget: Int32(message.payload))
        case .notification, .listening: worker.wake()
        case .reconnected:
          worker.heard(ofBudget: nil)
          worker.wake()
        }
      }
    } catch {
      // The listener reconnects by itself and ends only when it is cancelled or its settings do
      // not work at all; the worker polls on.
    }
  }
}

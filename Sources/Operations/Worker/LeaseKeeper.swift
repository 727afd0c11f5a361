import Domain
import Postgres
import Stores

/// Renews the leases of a worker's runs in bulk, on a connection of its own, three times a lease,
/// and so often at least that nobody takes the worker for dead.
struct LeaseKeeper {
  /// However long the lease, the worker is heard of after so many seconds.
  private static let silence = 5.0

  let store: PartitionStore
  let worker: WorkerID
  let running: RunningSet
  let settings: WorkerSettings
  let now: @Sendable () -> Instant
  let tell: @Sendable (Event) -> Void

  /// Renews until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      await renew()
      let pause = min(settings.claimSeconds / 3, Self.silence)
      do { try await Task.sleep(for: .seconds(pause)) } catch { return }
    }
  }

  /// A run that has not moved for too long is left out, and loses its lease although its process
  /// lives.
  private func renew() async {
    let limit = now().microseconds - Int64(settings.stallSeconds * 1_000_000)
    do throws(PostgresError) {
      let standings = try await store.renewLeases(
        running.held(movedSince: Instant(microseconds: limit)), worker: worker,
        leaseSeconds: settings.claimSeconds)
      // A partition that could not be kept although its worker lives is given back: it did not fail.
      let given = standings.filter { $0.claim == .expired }
        .compactMap { running.control(of: $0.held) }
        .map { AttemptEnd.released($0.held, failures: $0.failures) }
      running.apply(standings)
      if !given.isEmpty { _ = try await store.endAttempts(given) }
    } catch {
      if !Task.isCancelled {
        tell(.troubled(part: "leases", message: "Leases could not be renewed: \(error)"))
      }
    }
  }
}

import Postgres
import Stores
import Testing

@testable import Operations

@Suite("The end of partitions without records", .timeLimit(.minutes(1)))
struct EmptyCompleterTests {
  @Test("is not waited for any longer once the worker stops, also without its database")
  func stop() async {
    // Nobody listens at this port.
    let pool = Pool(
      ConnectionSettings("host=127.0.0.1 port=1"), PoolLimits(connections: 1),
      generator: SystemRandomNumberGenerator())
    let clock = ManualClock()
    let (losses, told) = AsyncStream<Void>.makeStream()
    let outage = DatabaseOutage(now: clock.now) { _ in told.yield() }
    let completer = EmptyCompleter(store: PartitionStore(pool: pool), outage: outage)
    async let end = completer.complete(EmptyPartition(held: RunControl.any.held, requests: 1))
    // The database is known to be away.
    for await _ in losses { break }
    await completer.stop()
    guard case .lost = await end else {
      Issue.record("\(await end)")
      return
    }
    await pool.close()
  }
}

import CLibPQ
import Dispatch

/// Asks the server to give up the statement that runs, and no other one.
///
/// `@unchecked Sendable`: `running` and `request` are touched on `queue` only. `end` waits on that
/// queue for a request under way, so that a late one cannot hit the next statement: when `PQcancel`
/// returns, the server has signalled its process.
final class Canceller: @unchecked Sendable {
  struct Ticket: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  private let queue = DispatchQueue(label: "backfill.postgres.cancel")
  private let request: OpaquePointer?
  private var running: Ticket?
  private var last: UInt64 = 0

  init(of connection: OpaquePointer) {
    request = PQgetCancel(connection)
  }

  deinit {
    PQfreeCancel(request)
  }

  func begin() -> Ticket {
    queue.sync {
      last += 1
      let ticket = Ticket(number: last)
      running = ticket
      return ticket
    }
  }

  func end() {
    queue.sync { running = nil }
  }

  /// Returns at once; a request that fails changes nothing, and the statement goes on.
  func cancel(_ ticket: Ticket) {
    queue.async { [self] in
      guard running == ticket, let request else { return }
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
        _ = PQcancel(request, message.baseAddress, 256)
      }
    }
  }
}

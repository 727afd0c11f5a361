import Dispatch
import Glibc

/// The one thread that spawns, watches and reaps every child of this process.
///
/// It lives as long as the process: the kernel's "kill me when my parent dies" means the *thread*
/// that spawned, so that a passing thread of a pool would take its children with it.
///
/// `@unchecked Sendable`: `orders` is guarded by `gate`; `children` is touched on the thread only.
final class ProcessThread: @unchecked Sendable {
  /// Starts with the first use.
  static let shared = Result { () throws(ProcessFailure) in try ProcessThread() }

  private let gate = DispatchQueue(label: "backfill.processes.orders")
  private var orders: [@Sendable () -> Void] = []
  private var children: [Child] = []
  private let bell: (reading: Descriptor, writing: Descriptor)

  private init() throws(ProcessFailure) {
    bell = try Descriptor.pipe()
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<ProcessThread>.fromOpaque(context).takeRetainedValue().watchForever()
      }, Unmanaged.passRetained(self).toOpaque())
    guard code == 0 else { throw .system(call: "pthread_create", code: code) }
    pthread_detach(thread)
  }

  /// Runs `order` on the thread, soon.
  func perform(_ order: @escaping @Sendable () -> Void) {
    gate.sync { orders.append(order) }
    var byte: UInt8 = 0
    while write(bell.writing.number, &byte, 1) < 0, errno == EINTR {}
  }

  /// Takes a child into care; to be called on the thread.
  func adopt(_ child: Child) {
    children.append(child)
  }

  private func watchForever() -> Never {
    while true {
      let ended = waitForSomething()
      let now = ContinuousClock.now
      for child in children {
        if ended.contains(child.id) { child.reap() } else { child.advance(to: now) }
      }
      children.removeAll { ended.contains($0.id) }
      takeOrders()
    }
  }

  /// Sleeps until an order comes, a child ends or a moment is due, and tells who ended.
  private func waitForSomething() -> Set<pid_t> {
    var watched = [pollfd(fd: bell.reading.number, events: Int16(POLLIN), revents: 0)]
    watched += children.map { pollfd(fd: $0.handle.number, events: Int16(POLLIN), revents: 0) }
    guard poll(&watched, nfds_t(watched.count), millisecondsToNextMoment()) > 0 else { return [] }
    return Set(zip(children, watched.dropFirst()).filter { $1.revents != 0 }.map { $0.0.id })
  }

  private func millisecondsToNextMoment() -> Int32 {
    guard let moment = children.compactMap(\.life.nextMoment).min() else { return -1 }
    let left = (moment - ContinuousClock.now).components
    guard left.seconds < 3600 else { return 3_600_000 }
    // Rounded up, so that the moment has come when the sleep ends.
    return max(0, Int32(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000) + 1)
  }

  private func takeOrders() {
    var ready = pollfd(fd: bell.reading.number, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 0) > 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 512)
    _ = read(bell.reading.number, &bytes, bytes.count)
    let taken = gate.sync {
      let all = orders
      orders = []
      return all
    }
    for order in taken { order() }
  }
}

import CLinux
import Glibc

/// The thread that waits on all sockets of a server.
///
/// Handlers talk to it by posting what to do.
final class EventLoop: @unchecked Sendable {
  // `inbox` is guarded by its lock, the descriptors are constant; all else belongs to the thread.
  // After the thread's end nothing is changed any more, and every look-up finds no connection.
  private let inbox = Locked(Inbox())
  private let poll: Int32
  private let wake: Int32
  let configuration: ServerConfiguration
  let respond: Router.Handler
  private let listener: Listener
  var connections: [UInt64: Connection] = [:]
  private var peers: [[UInt8]: Int] = [:]
  private var lastID = firstConnectionID
  private var nextCheck = ContinuousClock.now
  private var acceptAgain: ContinuousClock.Instant?
  private var drainDeadline: ContinuousClock.Instant?
  private var drained: [() -> Void] = []
  private var scratch = [UInt8](repeating: 0, count: 64 << 10)

  typealias Work = @Sendable (EventLoop) -> Void

  private struct Inbox {
    var work: [Work] = []
    var hasEnded = false
  }

  init(
    _ listener: Listener, _ configuration: ServerConfiguration,
    _ respond: @escaping Router.Handler
  ) throws(ServerError) {
    self.listener = listener
    self.configuration = configuration
    self.respond = respond
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard poll >= 0, wake >= 0, watch(wake, as: wakeID, EPOLLIN.rawValue),
      watch(listener.descriptor, as: listenerID, EPOLLIN.rawValue)
    else { throw ServerError(description: "The system has no descriptors left for a server.") }
  }

  deinit {
    Glibc.close(poll)
    Glibc.close(wake)
  }

  func start() throws(ServerError) {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    guard pthread_create(&thread, nil, runLoop, context.toOpaque()) == 0 else {
      context.release()
      throw ServerError(description: "No thread could be started for the server.")
    }
    pthread_detach(thread)
  }

  /// Has something done by the thread; after the thread's end it is done at once, and finds
  /// nothing.
  func post(_ work: @escaping Work) {
    let (isFirst, hasEnded) = inbox.withLock { inbox in
      if !inbox.hasEnded { inbox.work.append(work) }
      return (inbox.work.count == 1, inbox.hasEnded)
    }
    if hasEnded { return work(self) }
    // Whoever filled the empty inbox wakes the thread; the others ride along.
    if isFirst { eventfd_write(wake, 1) }
  }

  /// Takes no more connections; ends when those under way are done, or after a time.
  func drain(within grace: Duration, then drained: (() -> Void)? = nil) {
    guard !inbox.withLock(\.hasEnded) else {
      drained?()
      return
    }
    if let drained { self.drained.append(drained) }
    let deadline = ContinuousClock.now + grace
    if drainDeadline == nil { listener.close() }
    drainDeadline = min(drainDeadline ?? deadline, deadline)
    nextCheck = min(nextCheck, deadline)
    for connection in connections.values where connection.serving == nil { close(connection) }
  }

  var isDraining: Bool { drainDeadline != nil }

  fileprivate func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    while !(isDraining && connections.isEmpty) {
      let count = epoll_wait(poll, &events, Int32(events.count), waitMilliseconds())
      for event in events.prefix(Int(max(0, count))) { handle(event) }
      let now = ContinuousClock.now
      if now >= nextCheck { sweep(at: now) }
    }
    let rest = inbox.withLock { inbox in
      inbox.hasEnded = true
      return inbox.work
    }
    for work in rest { work(self) }
    for drained in drained { drained() }
  }

  private func handle(_ event: epoll_event) {
    switch event.data.u64 {
    case wakeID: runPosted()
    case listenerID: accept()
    case let id: if let connection = connections[id] { handle(event.events, connection) }
    }
  }

  private func handle(_ events: UInt32, _ connection: Connection) {
    let gone = EPOLLERR.rawValue | EPOLLHUP.rawValue
    let isServing = connection.serving != nil
    // A reader that has shut its side down while we work has hung up, as far as we can know.
    if events & gone != 0 || isServing && events & EPOLLRDHUP.rawValue != 0 {
      return close(connection)
    }
    if events & EPOLLOUT.rawValue != 0 { flush(connection) }
    if events & EPOLLIN.rawValue != 0, connections[connection.id] != nil { receive(connection) }
  }

  private func runPosted() {
    var ignored: eventfd_t = 0
    eventfd_read(wake, &ignored)
    let work = inbox.withLock { inbox in
      defer { inbox.work = [] }
      return inbox.work
    }
    for work in work { work(self) }
  }

  private func receive(_ connection: Connection) {
    let count = scratch.withUnsafeMutableBytes {
      recv(connection.descriptor, $0.baseAddress, $0.count, 0)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return close(connection) }
    scratch.withUnsafeBytes { received(UnsafeRawBufferPointer(rebasing: $0[..<count]), connection) }
  }

  private func sweep(at now: ContinuousClock.Instant) {
    nextCheck = now + .seconds(60)
    if let drainDeadline {
      if now >= drainDeadline { connections.values.forEach(close) }
      nextCheck = min(nextCheck, drainDeadline)
    }
    if let again = acceptAgain, now >= again, !isDraining {
      acceptAgain = nil
      watch(listener.descriptor, as: listenerID, EPOLLIN.rawValue)
    }
    for connection in connections.values {
      if let deadline = connection.deadline, now >= deadline { overdue(connection, at: now) }
      arm(connection)
    }
  }

  /// Makes sure that the thread wakes in time for a connection's deadline.
  func arm(_ connection: Connection) {
    if let deadline = connection.deadline { nextCheck = min(nextCheck, deadline) }
  }

  private func waitMilliseconds() -> Int32 {
    let (seconds, attoseconds) = max(nextCheck - .now, .zero).components
    return Int32(min(seconds, 60) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
  }
}

// Connections come and go.
extension EventLoop {
  private func accept() {
    while !isDraining {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          accept4(
            listener.descriptor, $0, &length,
            Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
        }
      }
      if descriptor >= 0 {
        admit(descriptor, peerAddress(storage))
      } else if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
        return pauseAccepting()
      } else if errno == EAGAIN {
        return
      }
    }
  }

  private func admit(_ descriptor: Int32, _ peer: [UInt8]) {
    guard connections.count < configuration.connections,
      peer.isEmpty || peers[peer, default: 0] < configuration.connectionsPerPeer
    else { return turnAway(descriptor) }
    var isOn: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    lastID += 1
    let connection = Connection(
      id: lastID, descriptor: descriptor, peer: peer, limits: configuration.limits)
    let interest = EPOLLIN.rawValue | EPOLLRDHUP.rawValue
    guard watch(descriptor, as: connection.id, interest) else { return turnAway(descriptor) }
    connection.interest = interest
    connection.readDeadline = .now + configuration.headDeadline
    connections[connection.id] = connection
    peers[peer, default: 0] += 1
    arm(connection)
  }

  private func turnAway(_ descriptor: Int32) {
    let sentence = "The server has as many connections as it takes; try again later."
    var answer = OutputQueue()
    answer.append(RequestFault(503, sentence).response.closingBytes)
    _ = answer.flush(to: descriptor)
    Glibc.close(descriptor)
  }

  /// With no descriptor left, waiting on the listener would return at once, for ever.
  private func pauseAccepting() {
    epoll_ctl(poll, EPOLL_CTL_DEL, listener.descriptor, nil)
    let again = ContinuousClock.now + .milliseconds(100)
    acceptAgain = again
    nextCheck = min(nextCheck, again)
  }

  func close(_ connection: Connection) {
    guard connections.removeValue(forKey: connection.id) != nil else { return }
    peers[connection.peer, default: 1] -= 1
    if peers[connection.peer] == 0 { peers[connection.peer] = nil }
    Glibc.close(connection.descriptor)
    guard let serving = connection.serving else { return }
    serving.task?.cancel()
    if case .wanted(_, let resume) = serving.body {
      resume(.failure(.malformed("The connection ended before the body did.")))
    }
    for resume in serving.writers { resume(false) }
    connection.phase = .lingering
  }

  /// Tells epoll what the connection waits for in its present phase.
  func updateInterest(_ connection: Connection) {
    var interest = connection.output.count > 0 ? EPOLLOUT.rawValue : 0
    switch connection.phase {
    case .reading: interest |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue
    case .lingering: interest |= EPOLLIN.rawValue
    case .serving(let serving):
      interest |= EPOLLRDHUP.rawValue
      if case .wanted = serving.body { interest |= EPOLLIN.rawValue }
    }
    guard interest != connection.interest else { return }
    connection.interest = interest
    var event = epoll_event(events: interest, data: epoll_data_t(u64: connection.id))
    epoll_ctl(poll, EPOLL_CTL_MOD, connection.descriptor, &event)
  }

  @discardableResult
  private func watch(_ descriptor: Int32, as id: UInt64, _ interest: UInt32) -> Bool {
    var event = epoll_event(events: interest, data: epoll_data_t(u64: id))
    return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0
  }
}

private let listenerID: UInt64 = 0
private let wakeID: UInt64 = 1
private let firstConnectionID: UInt64 = 1

private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
  return nil
}

/// The bytes of the address that connected; none for a socket in the file system.
private func peerAddress(_ storage: sockaddr_storage) -> [UInt8] {
  withUnsafeBytes(of: storage) { bytes in
    switch Int32(storage.ss_family) {
    case AF_INET:
      withUnsafeBytes(of: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr) { [UInt8]($0) }
    case AF_INET6:
      withUnsafeBytes(of: bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { [UInt8]($0) }
    default: []
    }
  }
}

/// One connection, as the loop's thread keeps it.
final class Connection {
  /// What the connection is about.
  enum Phase {
    /// Waits for a request, or for the rest of its head. Next: serving, lingering.
    case reading
    /// A handler is at work, or its answer is on its way. Next: reading, lingering.
    case serving(Serving)
    /// All is said; what the other side still sends is read and dropped, for closing at once would
    /// destroy the answer on its way.
    case lingering
  }

  let id: UInt64
  let descriptor: Int32
  let peer: [UInt8]
  var decoder: RequestDecoder
  var output = OutputQueue()
  var phase = Phase.reading
  var served = 0
  /// What epoll was told to wait for.
  var interest: UInt32 = 0
  /// When the head, the body or the rest must be there.
  var readDeadline: ContinuousClock.Instant?
  /// When the reader must have taken something.
  var writeDeadline: ContinuousClock.Instant?

  init(id: UInt64, descriptor: Int32, peer: [UInt8], limits: RequestLimits) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    decoder = RequestDecoder(limits: limits)
  }

  /// The request being served; nil in other phases.
  var serving: Serving? {
    if case .serving(let serving) = phase { serving } else { nil }
  }

  /// The next moment at which something is overdue.
  var deadline: ContinuousClock.Instant? {
    switch (readDeadline, writeDeadline) {
    case (let read?, let write?): min(read, write)
    case (let read, let write): read ?? write
    }
  }
}

/// The request that a connection is serving.
final class Serving {
  /// How far the request's body is.
  enum Body {
    /// Nobody has asked for it.
    case unread
    /// The handler waits for it.
    case wanted(limit: Int, resume: (Result<[UInt8], RequestFault>) -> Void)
    /// It was read, or there is none.
    case read
    /// It was given up; the next request cannot be found behind it.
    case lost
  }

  /// How far the answer is.
  enum Answer {
    case none
    /// Pieces follow; how many bytes the length still promises, nil for chunks.
    case streaming(ResponseEncoder.Framing, missing: Int?)
    /// All of it is in the queue.
    case queued
    /// It was broken off.
    case broken
  }

  let head: RequestHead
  let exchange: Exchange
  var task: Task<Void, Never>?
  var body = Body.unread
  var collected: [UInt8] = []
  var answer = Answer.none
  var keepsAlive: Bool
  /// Those who wait until the reader has taken more.
  var writers: [(Bool) -> Void] = []

  init(_ head: RequestHead, _ exchange: Exchange) {
    self.head = head
    self.exchange = exchange
    keepsAlive = head.keepsAlive
    if head.framing == .length(0) { body = .read }
  }

  /// Whether the sender itself has said that nothing follows, so that the connection may be closed
  /// at once.
  var isLast: Bool {
    if case .read = body { !head.keepsAlive } else { false }
  }
}

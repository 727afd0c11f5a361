import Glibc

// The way of a request: bytes, head, handler, body on demand, answer, next request.
extension EventLoop {
  func received(_ bytes: UnsafeRawBufferPointer, _ connection: Connection) {
    switch connection.phase {
    case .lingering: return
    case .reading:
      // The deadline of a head is absolute: it counts from the first byte and is never moved.
      if connection.decoder.isIdle, connection.served > 0 {
        connection.readDeadline = .now + configuration.headDeadline
        arm(connection)
      }
      connection.decoder.append(bytes)
      readHead(connection)
    case .serving(let serving):
      connection.decoder.append(bytes)
      readBody(connection, serving)
    }
  }

  private func readHead(_ connection: Connection) {
    switch connection.decoder.next() {
    case .head(let head): serve(head, connection)
    case .fault(let fault): refuse(fault, connection)
    case .body, .end, nil: break
    }
    if connections[connection.id] != nil { updateInterest(connection) }
  }

  private func serve(_ head: RequestHead, _ connection: Connection) {
    connection.served += 1
    connection.readDeadline = nil
    let exchange = Exchange(connection: connection.id, number: connection.served, loop: self)
    let serving = Serving(head, exchange)
    if case .read = serving.body { _ = connection.decoder.next() }
    connection.phase = .serving(serving)
    serving.task = Task { [respond] in
      await exchange.answer(Request(head, exchange), respond)
    }
  }

  /// Answers what could not be framed, and closes.
  private func refuse(_ fault: RequestFault, _ connection: Connection) {
    connection.output.append(fault.response.closingBytes)
    linger(connection)
  }
}

// The request's body.
extension EventLoop {
  func wantBody(
    of exchange: Exchange, upTo limit: Int,
    then resume: @escaping (Result<[UInt8], RequestFault>) -> Void
  ) {
    guard let (connection, serving) = find(exchange) else {
      return resume(.failure(.malformed("The connection ended before the body did.")))
    }
    guard case .unread = serving.body else {
      // There is no body, or it was read before.
      return resume(.success([]))
    }
    if case .length(let length) = serving.head.framing, length > limit {
      serving.body = .lost
      return resume(.failure(tooLarge(limit)))
    }
    if serving.head.expectsContinue { connection.output.append(ResponseEncoder.goOn) }
    serving.body = .wanted(limit: limit, resume: resume)
    connection.readDeadline = .now + configuration.bodyDeadline
    arm(connection)
    readBody(connection, serving)
    if connections[connection.id] != nil { flush(connection) }
  }

  private func readBody(_ connection: Connection, _ serving: Serving) {
    guard case .wanted(let limit, let resume) = serving.body else { return }
    func end(_ body: Serving.Body, _ result: Result<[UInt8], RequestFault>) {
      serving.body = body
      serving.collected = []
      connection.readDeadline = nil
      resume(result)
      updateInterest(connection)
    }
    while let event = connection.decoder.next() {
      switch event {
      case .body(let piece):
        guard piece.count <= limit - serving.collected.count else {
          return end(.lost, .failure(tooLarge(limit)))
        }
        serving.collected += piece
      case .end: return end(.read, .success(serving.collected))
      case .fault(let fault): return end(.lost, .failure(fault))
      case .head: return end(.lost, .failure(.malformed("The body holds another request.")))
      }
    }
    updateInterest(connection)
  }

  private func tooLarge(_ limit: Int) -> RequestFault {
    RequestFault(413, "The body is larger than \(limit) bytes.")
  }

  /// Reads over a body that nobody wanted, as far as it has already come.
  private func skipBody(_ connection: Connection, _ serving: Serving) {
    guard case .unread = serving.body else { return }
    serving.body = .lost
    while let event = connection.decoder.next() {
      if event == .end {
        serving.body = .read
        return
      }
    }
  }
}

// The answer.
extension EventLoop {
  func begin(_ response: Response, of exchange: Exchange) {
    guard let (connection, serving) = find(exchange) else { return }
    skipBody(connection, serving)
    if case .read = serving.body {} else { serving.keepsAlive = false }
    if isDraining || connection.served >= configuration.requestsPerConnection {
      serving.keepsAlive = false
    }
    let framing = response.framing(for: serving.head)
    guard
      let head = ResponseEncoder.head(
        response.status, response.headers, framing: framing, keepsAlive: serving.keepsAlive)
    else {
      serving.keepsAlive = false
      connection.output.append(
        RequestFault(500, "The answer could not be made.").response.closingBytes)
      serving.answer = .queued
      return flush(connection)
    }
    connection.output.append(head)
    queueBody(response, framing, connection, serving)
    flush(connection)
  }

  private func queueBody(
    _ response: Response, _ framing: ResponseEncoder.Framing, _ connection: Connection,
    _ serving: Serving
  ) {
    let hasBody = serving.head.method != .head && framing != .none
    switch response.body {
    case .bytes(let bytes):
      if hasBody { connection.output.append(bytes) }
      serving.answer = .queued
    case .stream(let length, _):
      serving.answer = hasBody ? .streaming(framing, missing: length) : .queued
      if framing == .untilClose { serving.keepsAlive = false }
    }
  }

  /// Takes a piece of a streamed body; `resume` is told when the next one is welcome, or never
  /// will.
  func write(_ bytes: [UInt8], of exchange: Exchange, then resume: @escaping (Bool) -> Void) {
    guard let (connection, serving) = find(exchange),
      case .streaming(let framing, let missing) = serving.answer
    else { return resume(false) }
    if let missing {
      guard bytes.count <= missing else {
        breakOff(connection, serving)
        return resume(false)
      }
      serving.answer = .streaming(framing, missing: missing - bytes.count)
    }
    connection.output.append(framing == .chunked ? ResponseEncoder.chunk(bytes) : bytes)
    serving.writers.append(resume)
    flush(connection)
  }

  /// No more pieces follow; an answer that is not whole is broken off.
  func end(of exchange: Exchange, isWhole: Bool) {
    guard let (connection, serving) = find(exchange),
      case .streaming(let framing, let missing) = serving.answer
    else { return }
    guard isWhole, missing ?? 0 == 0 else { return breakOff(connection, serving) }
    if framing == .chunked { connection.output.append(ResponseEncoder.lastChunk) }
    serving.answer = .queued
    flush(connection)
  }

  private func breakOff(_ connection: Connection, _ serving: Serving) {
    serving.answer = .broken
    flush(connection)
  }

  /// Sends what waits; then goes on to what comes after it.
  func flush(_ connection: Connection) {
    switch connection.output.flush(to: connection.descriptor) {
    case .failed: return close(connection)
    case .partial(let taken):
      if taken > 0 || connection.writeDeadline == nil {
        connection.writeDeadline = .now + configuration.writeDeadline
        arm(connection)
      }
    case .done: connection.writeDeadline = nil
    }
    if let serving = connection.serving {
      if connection.output.count < highWater { resumeWriters(serving) }
      if connection.output.count == 0 { finish(serving, connection) }
    }
    if connections[connection.id] != nil { updateInterest(connection) }
  }

  private func resumeWriters(_ serving: Serving) {
    let writers = serving.writers
    serving.writers = []
    for resume in writers { resume(true) }
  }

  private func finish(_ serving: Serving, _ connection: Connection) {
    switch serving.answer {
    case .none, .streaming: return
    case .broken: close(connection)
    case .queued where serving.keepsAlive && !isDraining:
      connection.phase = .reading
      let isIdle = connection.decoder.isIdle
      connection.readDeadline =
        .now + (isIdle ? configuration.idleDeadline : configuration.headDeadline)
      arm(connection)
      if !isIdle { readHead(connection) }
    case .queued where serving.isLast && connection.decoder.bufferedBytes == 0: close(connection)
    case .queued: linger(connection)
    }
  }

  /// Sends what is left and waits for the other side to close.
  private func linger(_ connection: Connection) {
    connection.phase = .lingering
    connection.readDeadline = .now + .seconds(2)
    arm(connection)
    if case .done = connection.output.flush(to: connection.descriptor) {
      shutdown(connection.descriptor, Int32(SHUT_WR))
    }
  }
}

// Deadlines.
extension EventLoop {
  func overdue(_ connection: Connection, at now: ContinuousClock.Instant) {
    if let deadline = connection.writeDeadline, now >= deadline { return close(connection) }
    switch connection.phase {
    case .lingering: close(connection)
    case .reading where connection.decoder.isIdle: close(connection)
    case .reading: refuse(RequestFault(408, "The request did not come in time."), connection)
    case .serving(let serving):
      connection.readDeadline = nil
      guard case .wanted(_, let resume) = serving.body else { return }
      serving.body = .lost
      serving.collected = []
      resume(.failure(RequestFault(408, "The body did not come in time.")))
    }
    if connections[connection.id] != nil { updateInterest(connection) }
  }

  /// The connection and request of an exchange that is still under way.
  private func find(_ exchange: Exchange) -> (Connection, Serving)? {
    guard let connection = connections[exchange.connection], let serving = connection.serving,
      serving.exchange === exchange
    else { return nil }
    return (connection, serving)
  }
}

/// Bytes that may wait for a slow reader before its writer waits too.
private let highWater = 256 << 10

extension Response {
  /// The bytes of an answer after which the connection is closed; for faults, whose body is at
  /// hand.
  var closingBytes: [UInt8] {
    guard case .bytes(let body) = body,
      let head = ResponseEncoder.head(
        status, headers, framing: .length(body.count), keepsAlive: false)
    else { return [] }
    return head + body
  }

  fileprivate func framing(for head: RequestHead) -> ResponseEncoder.Framing {
    if status == 204 || status == 304 { return .none }
    switch body {
    case .bytes(let bytes): return .length(bytes.count)
    case .stream(let length?, _): return .length(length)
    case .stream(nil, _) where head.method == .head: return .none
    case .stream(nil, _): return head.isCurrent ? .chunked : .untilClose
    }
  }
}

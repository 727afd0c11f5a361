/// One request and its answer, as the handler's task sees them: every step is done by the loop's
/// thread, which resumes the task.
final class Exchange: Sendable {
  let connection: UInt64
  let number: Int
  private let loop: EventLoop

  init(connection: UInt64, number: Int, loop: EventLoop) {
    self.connection = connection
    self.number = number
    self.loop = loop
  }

  func readBody(upTo limit: Int) async throws(RequestFault) -> [UInt8] {
    let result = await withCheckedContinuation { continuation in
      loop.post { $0.wantBody(of: self, upTo: limit) { continuation.resume(returning: $0) } }
    }
    return try result.get()
  }

  func write(_ bytes: [UInt8]) async throws(ConnectionClosed) {
    let isTaken = await withCheckedContinuation { continuation in
      loop.post { $0.write(bytes, of: self) { continuation.resume(returning: $0) } }
    }
    guard isTaken else { throw ConnectionClosed() }
  }

  /// Has a handler answer the request and sends what it says.
  func answer(_ request: Request, _ respond: Router.Handler) async {
    do throws(RequestFault) {
      await deliver(try await respond(request))
    } catch {
      await deliver(error.response)
    }
  }

  /// Sends an answer; for a stream, until its last piece is handed over.
  private func deliver(_ response: Response) async {
    loop.post { $0.begin(response, of: self) }
    guard case .stream(_, let produce) = response.body else { return }
    do {
      try await produce(BodyWriter(self))
      loop.post { $0.end(of: self, isWhole: true) }
    } catch {
      // The reader learns of it by the missing end: the status is sent already.
      loop.post { $0.end(of: self, isWhole: false) }
    }
  }
}

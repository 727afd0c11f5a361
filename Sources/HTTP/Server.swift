/// A strict HTTP/1.1 server: one thread waits on all sockets, handlers run as tasks and are
/// cancelled when their reader hangs up.
public final class Server: Sendable {
  /// The port listened on; 0 for a socket in the file system.
  public let port: UInt16
  private let loop: EventLoop

  /// Listens and serves until stopped; every request is answered by `respond`, or by the fault it
  /// throws.
  public init(
    _ configuration: ServerConfiguration = ServerConfiguration(),
    respond: @escaping Router.Handler
  ) throws(ServerError) {
    let listener = try Listener(configuration.address)
    port = listener.port
    loop = try EventLoop(listener, configuration, respond)
    try loop.start()
  }

  /// Listens and serves the routes of a router until stopped.
  public convenience init(
    _ configuration: ServerConfiguration = ServerConfiguration(), routes: Router
  ) throws(ServerError) {
    try self.init(configuration) { (request) throws(RequestFault) in
      try await routes.respond(request)
    }
  }

  deinit {
    loop.post { $0.drain(within: .zero) }
  }

  /// Takes no more connections, lets requests under way finish within a time, and returns when all
  /// connections are closed.
  public func stop(within grace: Duration = .seconds(10)) async {
    await withCheckedContinuation { continuation in
      loop.post { $0.drain(within: grace) { continuation.resume() } }
    }
  }
}

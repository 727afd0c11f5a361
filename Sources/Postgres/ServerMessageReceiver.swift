import CLibPQ

/// Hands libpq's notices to a closure; lives as long as the session that it is attached to.
final class ServerMessageReceiver {
  private let receive: @Sendable (ServerMessage) -> Void

  init(_ receive: @escaping @Sendable (ServerMessage) -> Void) {
    self.receive = receive
  }

  func attach(to handle: OpaquePointer) {
    PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context else { return }
        let receiver = Unmanaged<ServerMessageReceiver>.fromOpaque(context).takeUnretainedValue()
        receiver.receive(ServerMessage(result: result))
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}

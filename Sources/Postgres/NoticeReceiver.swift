import CLibPQ

/// Hands libpq's notices to a closure; lives as long as the session that it is attached to.
final class NoticeReceiver {
  private let receive: @Sendable (Notice) -> Void

  init(_ receive: @escaping @Sendable (Notice) -> Void) {
    self.receive = receive
  }

  func attach(to handle: OpaquePointer) {
    PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context else { return }
        let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
        receiver.receive(Notice(result: result))
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}

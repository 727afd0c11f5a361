import CLibPQ

extension Connection {
  /// Starts to listen to a channel, whatever characters its name has.
  func listen(to channel: String) async throws(PostgresError) {
    try await interruptibly { session throws(PostgresError) in
      _ = try session.run("LISTEN \(try session.quoted(channel))")
    }
  }

  /// Waits for notifications without holding a thread.
  func notifications() async throws(PostgresError) -> [Notification] {
    while true {
      let (notifications, socket) = try uninterruptibly { session throws(PostgresError) in
        try session.requireAlive()
        return (session.takeNotifications(), PQsocket(session.handle))
      }
      guard notifications.isEmpty else { return notifications }
      guard !Task.isCancelled else {
        throw PostgresError(.cancelled, "The task was cancelled while it listened.")
      }
      await executor.waitUntilReadable(socket)
    }
  }
}

extension Session {
  func quoted(_ identifier: String) throws(PostgresError) -> String {
    let quoted = PQescapeIdentifier(handle, identifier, identifier.utf8.count)
    defer { PQfreemem(quoted) }
    guard let quoted else { throw PostgresError(.encoding, libpqMessage) }
    return String(cString: quoted)
  }

  func takeNotifications() -> [Notification] {
    var notifications: [Notification] = []
    while let notification = PQnotifies(handle) {
      notifications.append(
        Notification(
          channel: String(cString: notification.pointee.relname),
          payload: String(cString: notification.pointee.extra)))
      PQfreemem(notification)
    }
    return notifications
  }
}

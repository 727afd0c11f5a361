import WireFixtures

extension CuttingProxy {
  /// When the connection is cut, seen from the message that is waited for.
  enum Moment: Sendable {
    /// The message never reaches the server.
    case before
    /// The server has done what the message orders; its answer never reaches the client.
    case after
  }

  /// Cuts around the first message for which `isTrigger` says so, by its type and body; everything
  /// else goes through untouched.
  convenience init(
    _ moment: Moment, _ server: TestServer,
    isTrigger: @escaping @Sendable (UInt8, ArraySlice<UInt8>) -> Bool
  ) throws {
    let isFirst = Once()
    try self.init(toUnixSocket: "\(server.socketDirectory)/.s.PGSQL.5432") { message in
      guard isTrigger(message.type, message.body), isFirst.take() else { return .pass }
      return moment == .before ? .cutBefore : .cutAfter
    }
  }

  /// The way to the server's database through the proxy.
  var conninfo: String { conninfo(database: "backfill") }
}

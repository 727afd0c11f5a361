import Glibc
import Processes

/// A private PostgreSQL cluster that this process uses.
///
/// It is made at first use and started when nobody else has. Any number of processes may use it at
/// once; the last that leaves stops the server, whoever started it. This rule needs no roles: a
/// short command that starts the server and ends while `backfill up` still works must not stop it,
/// one that was killed cannot, and either way the next that leaves as the last one does. A person
/// who is connected with `psql` counts as a user too.
///
/// The server runs in a session of its own: Ctrl-C in a terminal does not reach it. Whoever can
/// enter the socket's directory (its owner and root) is trusted; there is no other way in.
public final class Cluster: Sendable {
  /// The way in, as a connection string for libpq.
  public let connectionString: String

  private let layout: ClusterLayout
  private let starter: ClusterStarter
  private let presence: FileLock

  private init(layout: ClusterLayout, starter: ClusterStarter, presence: FileLock) {
    self.layout = layout
    self.starter = starter
    self.presence = presence
    connectionString = layout.connectionString
  }

  /// Makes the cluster if it is not there, starts it if it does not run, and counts us as its user.
  ///
  /// We stay its user until `close`, or until this process ends.
  public static func open(_ configuration: ClusterConfiguration) async throws -> Cluster {
    let layout = try ClusterLayout(home: configuration.home)
    let user = try ServerUser.current()
    let installed = try await ServerPrograms.installed(path: configuration.path)
    try prepareHome(layout, for: user)
    return try await withLock(layout) {
      let version = try recordedVersion(layout, user: user)
      let programs = try ServerPrograms.choose(
        from: installed, madeBy: version, home: layout.home)
      if version == nil {
        try await checkReach(layout, of: user)
        try await ClusterMaker(
          layout: layout, user: user, programs: programs, durability: configuration.durability
        ).make()
      }
      let starter = ClusterStarter(
        layout: layout, user: user, programs: programs, configuration: configuration)
      let presence = try FileLock(path: layout.users)
      // Only somebody who leaves takes this lock alone, and only under the lock that we hold.
      guard try presence.takeShared() else { throw ClusterError.busy(home: layout.home) }
      try await starter.start()
      return Cluster(layout: layout, starter: starter, presence: presence)
    }
  }

  /// Lends the cluster to `body`, and leaves it afterwards.
  @discardableResult
  public nonisolated(nonsending) static func withCluster<Value>(
    _ configuration: ClusterConfiguration,
    _ body: nonisolated(nonsending) (Cluster) async throws -> Value
  ) async throws -> Value {
    let cluster = try await open(configuration)
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(cluster))
    } catch {
      result = .failure(error)
    }
    try await cluster.close()
    return try result.get()
  }

  /// Starts the server again if it is gone, as after a crash; returns when it takes connections.
  public func revive() async throws {
    try await Self.withLock(layout) { try await starter.start() }
  }

  /// Leaves the cluster, and stops the server if nobody else uses it or is connected.
  ///
  /// Connections of this process are to be closed first. Returns when the server has ended.
  public func close() async throws {
    try await Self.withLock(layout) {
      guard try presence.takeExclusive() else { return }
      presence.release()
      guard try await isDeserted() else { return }
      try await starter.stop()
    }
  }

  /// A server's process lives on for a moment after its client has closed the connection; whoever is
  /// connected for longer than that means to be.
  private func isDeserted() async throws -> Bool {
    let end = ContinuousClock.now + .seconds(1)
    while SocketClients.count(of: layout.socket) > 0 {
      guard ContinuousClock.now < end else { return false }
      try await Task.sleep(for: .milliseconds(5))
    }
    return true
  }

  private static func withLock<Value>(
    _ layout: ClusterLayout, _ body: () async throws -> Value
  ) async throws -> Value {
    let lock = try FileLock(path: layout.lock)
    try await waitUntil(within: .seconds(300), orThrow: .busy(home: layout.home)) {
      try lock.takeExclusive()
    }
    defer { lock.release() }
    return try await body()
  }

  /// Makes the home if it is missing: open to all where another user runs the server (what is in it
  /// is not), else ours alone.
  private static func prepareHome(
    _ layout: ClusterLayout, for user: ServerUser
  ) throws(ClusterError) {
    let mode: mode_t = user.isRootsDelegate ? 0o755 : 0o700
    var path = ""
    for name in layout.home.split(separator: "/") {
      path += "/\(name)"
      guard mkdir(path, mode) != 0, errno != EEXIST else { continue }
      throw .system(path)
    }
    try checkOwner(of: layout.home, isUserID: geteuid())
  }

  /// The major version of the cluster that is there; nil if there is none yet.
  private static func recordedVersion(
    _ layout: ClusterLayout, user: ServerUser
  ) throws(ClusterError) -> Int? {
    guard SmallFile.exists(layout.cluster) else { return nil }
    try checkOwner(of: layout.cluster, isUserID: user.account.userID)
    let text = SmallFile.text(at: layout.version) ?? ""
    guard let version = Int(text.prefix { $0.isNumber }) else {
      throw .notACluster(path: layout.cluster)
    }
    return version
  }

  private static func checkOwner(of path: String, isUserID wanted: UInt32) throws(ClusterError) {
    guard let owner = SmallFile.owner(of: path) else { throw .system(path) }
    guard owner == wanted else {
      let name = Account.numbered(owner)?.name ?? String(owner)
      throw .ownedByAnother(path: path, owner: name)
    }
  }

  /// The server's user must be able to pass every directory above the cluster; only the kernel
  /// knows for sure.
  private static func checkReach(_ layout: ClusterLayout, of user: ServerUser) async throws {
    let test = try await user.command("test", ["-x", layout.home]).run()
    guard test.status.isSuccess else {
      throw ClusterError.homeOutOfReach(home: layout.home, user: user.account.name)
    }
  }
}

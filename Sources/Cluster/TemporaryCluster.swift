import Glibc
import Processes

/// A cluster of its own for tests and benches, which vanishes when it is no longer needed.
///
/// A small guardian process stops the server and removes its directory as soon as this value is
/// gone, be it by `stop` or because the process that holds it died, even by `kill -9`.
public final class TemporaryCluster: Sendable {
  /// The way in, as a connection string for libpq.
  public var connectionString: String { cluster.connectionString }
  /// The directory of everything that belongs to the cluster.
  public let home: String

  private let cluster: Cluster
  private let guardian: Guardian

  private init(home: String, cluster: Cluster, guardian: Guardian) {
    self.home = home
    self.cluster = cluster
    self.guardian = guardian
  }

  /// Makes and starts a cluster in a new directory below `parent`, which the server's user must be
  /// able to enter; a short path, because a socket's path is bounded.
  public static func start(
    durability: ClusterConfiguration.Durability = .off, settings: [String: String] = [:],
    below parent: String = "/tmp"
  ) async throws -> TemporaryCluster {
    let home = try makeHome(below: parent)
    let guardian = try await Guardian.watch(home: home)
    var configuration = ClusterConfiguration(
      home: home, path: getenv("PATH").map { String(cString: $0) })
    configuration.durability = durability
    configuration.settings = settings
    do {
      let cluster = try await Cluster.open(configuration)
      return TemporaryCluster(home: home, cluster: cluster, guardian: guardian)
    } catch {
      await guardian.dismiss()
      throw error
    }
  }

  /// Lends a new cluster to `body` and removes it afterwards.
  @discardableResult
  public nonisolated(nonsending) static func with<Value>(
    durability: ClusterConfiguration.Durability = .off, settings: [String: String] = [:],
    _ body: nonisolated(nonsending) (TemporaryCluster) async throws -> Value
  ) async throws -> Value {
    let cluster = try await start(durability: durability, settings: settings)
    do {
      let value = try await body(cluster)
      await cluster.stop()
      return value
    } catch {
      await cluster.stop()
      throw error
    }
  }

  /// Kills the server with SIGKILL, as the kernel does when memory runs out.
  public func kill() throws {
    let layout = try ClusterLayout(home: home)
    guard let server = Postmaster.running(in: layout) else { return }
    Glibc.kill(server.id, SIGKILL)
  }

  /// Starts the server again after `kill`, with everything that was committed.
  public func revive() async throws {
    try await cluster.revive()
  }

  /// Stops the server at once and removes the directory.
  public func stop() async {
    await guardian.dismiss()
  }

  private static func makeHome(below parent: String) throws(ClusterError) -> String {
    var template = Array("\(parent)/backfill-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .system(parent) }
    let home = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // The server may run as another user, who must be able to pass.
    guard chmod(home, 0o755) == 0 else { throw .system(home) }
    return home
  }
}

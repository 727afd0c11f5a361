import Cluster

/// The PostgreSQL of all tests that do not kill theirs; gone with the process, however it ends.
actor SharedServer {
  static let shared = SharedServer()

  private var starting: Task<TemporaryCluster, any Error>?
  private var count = 0

  /// The server, started by whoever asks first.
  func cluster() async throws -> TemporaryCluster {
    if let starting { return try await starting.value }
    let task = Task { try await Self.start() }
    starting = task
    return try await task.value
  }

  /// A name for a database that nobody has.
  func nextName() -> String {
    count += 1
    return "fault\(count)"
  }

  /// Starts a server whose commits are durable, as they are for users.
  static func start() async throws -> TemporaryCluster {
    try await TemporaryCluster.start(
      durability: .full, settings: ["max_connections": "200", "shared_buffers": "128MB"])
  }
}

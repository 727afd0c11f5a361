/// Where everything of a private cluster lies.
///
/// What we write ourselves lies directly in the home, which is ours; only the server writes below
/// `cluster`, which is the server user's. So root never follows a path that the server user could
/// have bent.
struct ClusterLayout: Sendable, Equatable {
  let home: String

  /// Held while the cluster is made, started or stopped.
  var lock: String { "\(home)/lock" }
  /// Held, shared, by everybody who uses the cluster.
  var users: String { "\(home)/users" }
  /// Our settings, written anew at each start.
  var settings: String { "\(home)/server.conf" }
  /// What the server writes; locked for as long as any process of the server lives.
  var log: String { "\(home)/server.log" }
  /// The last log that had grown too long.
  var oldLog: String { "\(home)/server.log.1" }

  var cluster: String { "\(home)/cluster" }
  /// The cluster while it is being made; a leftover is thrown away.
  var making: String { "\(home)/cluster.making" }
  var data: String { Self.data(in: cluster) }
  var socketDirectory: String { Self.socketDirectory(in: cluster) }
  var version: String { "\(data)/PG_VERSION" }
  var processFile: String { "\(data)/postmaster.pid" }
  var socket: String { "\(socketDirectory)/.s.PGSQL.\(Self.port)" }

  static let port = 5432
  static let user = "backfill"
  static let database = "backfill"
  /// `sun_path` has 108 bytes, the last of which is the terminator.
  static let socketPathLimit = 107

  static func data(in directory: String) -> String { "\(directory)/data" }
  static func socketDirectory(in directory: String) -> String { "\(directory)/socket" }

  /// Refuses a home that cannot hold a cluster, before anything is made.
  init(home: String) throws(ClusterError) {
    let trimmed = home.count > 1 && home.hasSuffix("/") ? String(home.dropLast()) : home
    self.home = trimmed
    // A comma separates two hosts in a connection string.
    guard trimmed.hasPrefix("/"), !trimmed.contains(","),
      !trimmed.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
    else { throw .homeUnusable(home: home) }
    let bytes = socket.utf8.count
    guard bytes <= Self.socketPathLimit else {
      throw .socketPathTooLong(home: trimmed, bytes: bytes, limit: Self.socketPathLimit)
    }
  }

  /// The way in, for libpq.
  var connectionString: String {
    "host=\(quoted(socketDirectory)) port=\(Self.port) user=\(Self.user) dbname=\(Self.database)"
  }

  private func quoted(_ value: String) -> String {
    var text = "'"
    for character in value {
      if character == "'" || character == "\\" { text.append("\\") }
      text.append(character)
    }
    return text + "'"
  }
}

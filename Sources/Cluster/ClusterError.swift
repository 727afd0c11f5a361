/// Why the private cluster cannot be used; each case says what to do about it.
public enum ClusterError: Error, Sendable, Equatable {
  /// No folder holds PostgreSQL's server programs.
  case programsNotFound
  /// The newest server programs found are older than the oldest that will do.
  case programsTooOld(found: Int, needed: Int)
  /// The cluster was made by one major version, and only others are installed.
  case versionMismatch(home: String, made: Int, installed: [Int])
  /// The socket's path has more bytes than the system allows.
  case socketPathTooLong(home: String, bytes: Int, limit: Int)
  /// The home is not an absolute path, or holds a comma or a control character.
  case homeUnusable(home: String)
  /// The home, or the cluster in it, belongs to another user.
  case ownedByAnother(path: String, owner: String)
  /// Root runs the server as another user, and the machine lacks that user.
  case serverUserMissing(user: String)
  /// The user as whom the server runs cannot enter the home.
  case homeOutOfReach(home: String, user: String)
  /// The directory exists but is not a cluster that this program made.
  case notACluster(path: String)
  /// Somebody else has been starting or stopping the cluster for too long.
  case busy(home: String)
  /// The server ended while it was starting; `reason` is its own last word.
  case notStarted(log: String, reason: String)
  /// The server neither ended nor became ready in time.
  case notReady(log: String)
  /// The server did not end in time.
  case notStopped(log: String)
  /// A file or folder could not be made, read or written; `reason` is the system's.
  case fileSystem(path: String, reason: String)
}

extension ClusterError: CustomStringConvertible {
  /// One sentence that says what happened and what to do.
  public var description: String {
    switch self {
    case .programsNotFound:
      """
      PostgreSQL's server programs were not found; install them with: sudo apt-get install \
      postgresql
      """
    case .programsTooOld(let found, let needed):
      "PostgreSQL \(found) is too old; install PostgreSQL \(needed) or newer."
    case .versionMismatch(let home, let made, let installed):
      """
      The private cluster in \(home) was made by PostgreSQL \(made), but only \
      \(installed.map(String.init).joined(separator: ", ")) is installed; install it with: \
      sudo apt-get install postgresql-\(made), or set BACKFILL_HOME to another directory.
      """
    case .socketPathTooLong(let home, let bytes, let limit):
      """
      The path \(home) is too long for a socket below it (\(bytes) bytes, \(limit) are allowed); \
      set BACKFILL_HOME to a shorter path.
      """
    case .homeUnusable(let home):
      """
      BACKFILL_HOME must be an absolute path without commas and control characters, but it is \
      "\(home)".
      """
    case .ownedByAnother(let path, let owner):
      """
      \(path) belongs to the user \(owner); run this as \(owner), or set BACKFILL_HOME to a \
      directory of your own.
      """
    case .serverUserMissing(let user):
      """
      PostgreSQL does not run as root, and there is no user \(user) to run it; create it with: \
      adduser --system --group \(user)
      """
    case .homeOutOfReach(let home, let user):
      """
      The user \(user), who runs the private PostgreSQL, cannot enter \(home); set BACKFILL_HOME \
      to a directory open to all, such as /var/lib/backfill.
      """
    case .notACluster(let path):
      "\(path) is not a private cluster of this program; move it away or set BACKFILL_HOME."
    case .busy(let home):
      """
      Another program has been starting or stopping the private cluster in \(home) for minutes; \
      try again when it has finished.
      """
    case .notStarted(let log, let reason):
      "The private PostgreSQL did not start: \(reason); its log is \(log)."
    case .notReady(let log):
      "The private PostgreSQL is still recovering; wait and try again, and see its log \(log)."
    case .notStopped(let log):
      "The private PostgreSQL has not stopped in two minutes; see its log \(log)."
    case .fileSystem(let path, let reason):
      "\(path) could not be used: \(reason)."
    }
  }
}

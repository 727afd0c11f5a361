import CLibPQ

/// Where the server is and how a session with it begins.
///
/// The connection string is libpq's: a URL or `key=value` pairs. What it leaves out comes from the
/// `PG*` variables, the service file, the password file and libpq's defaults, TLS by `sslmode`.
public struct ConnectionSettings: Sendable {
  /// The connection string as given; may hold a password, so it is never shown.
  let conninfo: String
  /// Shown in `pg_stat_activity`, unless the connection string or `PGAPPNAME` says otherwise.
  public var applicationName: String
  /// Settings of the session by name, set right after connecting: `["statement_timeout": "30s"]`.
  public var session: [String: String]
  /// Receives what the server says besides errors; called on the connection's queue.
  public var onNotice: (@Sendable (ServerMessage) -> Void)?

  /// Settings from a connection string; empty: all from the `PG*` variables and libpq's defaults.
  public init(
    _ conninfo: String = "", applicationName: String = "backfill", session: [String: String] = [:],
    onNotice: (@Sendable (ServerMessage) -> Void)? = nil
  ) {
    self.conninfo = conninfo
    self.applicationName = applicationName
    self.session = session
    self.onNotice = onNotice
  }

  /// Settings from the `DATABASE_URL` of an environment; without it, from the `PG*` variables.
  public init(environment: [String: String], applicationName: String = "backfill") {
    self.init(environment["DATABASE_URL"] ?? "", applicationName: applicationName)
  }

  /// Finds a connection string that libpq cannot read, before anything is connected.
  ///
  /// libpq's own message quotes the string, and with it perhaps a password; ours does not.
  public func validate() throws(PostgresError) {
    guard conninfo.contains("=") || conninfo.contains("://") else { return }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(conninfo, &message)
    defer {
      PQconninfoFree(options)
      PQfreemem(message)
    }
    guard options == nil else { return }
    throw PostgresError(
      .invalidSettings,
      "The database URL cannot be read; write postgresql://USER@HOST:PORT/DATABASE, with special "
        + "characters percent-encoded.")
  }

  /// What is set for every session: dates and times that read the same everywhere.
  static let sessionDefaults = ["TimeZone": "UTC", "DateStyle": "ISO, MDY"]

  /// Seconds to wait for one host, unless the string or `PGCONNECT_TIMEOUT` says otherwise.
  static let connectTimeout = 10

  /// The parameters of libpq in its order of precedence: a later one overrides an earlier one.
  var parameters: [(name: String, value: String)] {
    var parameters = Self.networkDefaults
    parameters.append(("fallback_application_name", applicationName))
    parameters.append(("dbname", conninfo))
    parameters.append(("client_encoding", "UTF8"))
    return parameters
  }

  /// A peer that is gone is noticed after some 20 seconds, not after hours; and a host that does
  /// not answer gives way to the next one of the string.
  private static let networkDefaults = [
    (name: "keepalives_idle", value: "10"), (name: "keepalives_interval", value: "3"),
    (name: "keepalives_count", value: "3"), (name: "tcp_user_timeout", value: "10000"),
  ]
}

extension ConnectionSettings: CustomStringConvertible {
  /// The application's name alone: the connection string may hold a password.
  public var description: String { "ConnectionSettings(\(applicationName))" }
}

extension ConnectionSettings: CustomReflectable {
  /// Nothing, so that no dump shows the connection string.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where mails are handed in.
public struct MailServer: Hashable, Sendable {
  /// Who hands mails in.
  public struct Credentials: Hashable, Sendable {
    let user: String
    let password: String

    /// A user and the password.
    public init(user: String, password: String) {
      self.user = user
      self.password = password
    }
  }

  /// How the way to the server is protected; a password never goes unprotected.
  public enum Protection: Hashable, Sendable {
    /// The connection must turn to TLS before anything is said.
    case startTLS(Credentials?)
    /// TLS from the first byte.
    case tls(Credentials?)
    /// None; for a server on the same machine.
    case none
  }

  /// The host's name or address.
  public var host: String
  /// The port, commonly 587 for STARTTLS and 465 for TLS.
  public var port: UInt16
  /// How the way to the server is protected.
  public var protection: Protection

  /// A server.
  public init(host: String, port: UInt16, protection: Protection) {
    self.host = host
    self.port = port
    self.protection = protection
  }
}

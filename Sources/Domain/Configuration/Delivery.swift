/// How the notices of a subscription reach it.
public enum Delivery: Hashable, Sendable {
  /// A signed webhook (Standard Webhooks).
  case webhook(url: Address, secret: SecretReference)
  /// A webhook that takes what Slack's takes; its address is a secret.
  case slack(url: SecretReference)
  /// Mail over SMTP.
  case mail(Mail)

  /// An address or user name, as it is or by reference.
  public enum Address: Hashable, Sendable {
    case plain(String)
    case secret(SecretReference)
  }

  /// Who gets the mail, and over which server.
  public struct Mail: Hashable, Sendable {
    /// Whom it is for; at least one.
    public var to: [String]
    /// Whom it is from.
    public var from: String
    /// The server: `smtps://host:465`, or `smtp://host:587` with STARTTLS.
    public var server: String
    /// Who sends it, where the server asks.
    public var login: Login?

    /// A mail's way.
    public init(to: [String], from: String, server: String, login: Login?) {
      self.to = to
      self.from = from
      self.server = server
      self.login = login
    }
  }

  /// A user of a mail server.
  public struct Login: Hashable, Sendable {
    /// The name.
    public var user: Address
    /// The password.
    public var password: SecretReference

    /// A user.
    public init(user: Address, password: SecretReference) {
      self.user = user
      self.password = password
    }
  }
}

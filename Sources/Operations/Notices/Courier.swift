import Connectors
import Crypto
public import Domain
import JSON
public import Outbound

/// Takes notices to their receivers, by webhook, Slack's webhook or mail; one attempt at a time.
///
/// Secrets are found at the moment of sending and live no longer; no answer of a receiver and no
/// address that is a secret is repeated in what it says of a failure.
public struct Courier: Sendable {
  /// Finds the secret that a reference leads to; its failure names the reference alone.
  public typealias SecretProvider = @Sendable (SecretReference) throws(SourceFailure) -> String

  let client: HTTPClient
  let policy: ConnectPolicy
  let secrets: SecretProvider
  let now: @Sendable () -> Instant

  /// How long one attempt may take.
  static let limits: OutboundLimits = {
    var limits = OutboundLimits()
    limits.head = .seconds(15)
    limits.whole = .seconds(20)
    // Of an answer nothing is read but its status.
    limits.wireBytes = 1 << 20
    limits.unpackedBytes = 1 << 20
    return limits
  }()

  /// A courier; `policy` judges the addresses of mail servers, as the client's own does those of
  /// webhooks.
  public init(
    client: HTTPClient, policy: ConnectPolicy = .any, secrets: @escaping SecretProvider,
    now: @escaping @Sendable () -> Instant
  ) {
    self.client = client
    self.policy = policy
    self.secrets = secrets
    self.now = now
  }

  /// Makes one attempt; the failure, if it is one, is told in a sentence without secrets.
  func deliver(_ notice: Notice, by delivery: Delivery) async -> DeliveryAnswer {
    do throws(SourceFailure) {
      switch delivery {
      case .webhook(let url, let secret):
        return await post(try webhook(notice, secret: secret), to: try address(url))
      case .slack(let url):
        return await post(slackMessage(notice), to: try address(.secret(url)))
      case .mail(let mail):
        return await send(notice, by: mail, login: try credentials(mail.login))
      }
    } catch {
      return .failed(message: error.message, retryAfter: nil)
    }
  }

  /// Why a delivery could not even be attempted from here: a secret that is not to be found, or is
  /// not what it should be; nil where it could.
  func failure(of delivery: Delivery) -> SourceFailure? {
    do throws(SourceFailure) {
      switch delivery {
      case .webhook(let url, let secret): _ = (try address(url), try signingSecret(secret))
      case .slack(let url): _ = try address(.secret(url))
      case .mail(let mail): _ = try credentials(mail.login)
      }
      return nil
    } catch {
      return error
    }
  }

  private func credentials(
    _ login: Delivery.Login?
  ) throws(SourceFailure) -> MailServer.Credentials? {
    guard let login else { return nil }
    let user: String
    switch login.user {
    case .plain(let text): user = text
    case .secret(let reference): user = try secrets(reference)
    }
    return MailServer.Credentials(user: user, password: try secrets(login.password))
  }
}

import Connectors
import Domain
import JSON
import Outbound

extension Courier {
  /// A message that is ready to be posted.
  struct Message {
    var headers: HeaderFields
    var body: [UInt8]
  }

  /// Where to post, and whether the address itself must not be told.
  struct Address {
    var url: URLReference
    var reference: SecretReference?
  }

  /// The message of a signed webhook (Standard Webhooks); the timestamp is that of the attempt.
  func webhook(
    _ notice: Notice, secret reference: SecretReference
  ) throws(SourceFailure) -> Message {
    let secret = try signingSecret(reference)
    let body = Array(notice.webhookBody.encoded().utf8)
    let timestamp = now().microseconds / 1_000_000
    return Message(
      headers: [
        "Content-Type": "application/json", "webhook-id": notice.id.rawValue,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": secret.signature(id: notice.id, timestamp: timestamp, body: body),
      ], body: body)
  }

  /// The keys of a webhook's signatures.
  func signingSecret(_ reference: SecretReference) throws(SourceFailure) -> WebhookSecret {
    guard let secret = WebhookSecret(try secrets(reference)) else {
      throw SourceFailure(
        .misconfigured,
        "The secret \(reference) must be whsec_ and the base64 of 24 to 64 bytes.")
    }
    return secret
  }

  /// The message that Slack's incoming webhooks take, and others like them.
  func slackMessage(_ notice: Notice) -> Message {
    // What would otherwise make links and call people in.
    let text = notice.text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
    let body: JSONValue = ["text": .string(text)]
    return Message(
      headers: ["Content-Type": "application/json"], body: Array(body.encoded().utf8))
  }

  /// The address that a definition gives or refers to.
  func address(_ address: Delivery.Address) throws(SourceFailure) -> Address {
    let text: String
    var reference: SecretReference?
    switch address {
    case .plain(let plain): text = plain
    case .secret(let found):
      text = try secrets(found)
      reference = found
    }
    do throws(OutboundError) {
      return Address(url: try URLReference(text), reference: reference)
    } catch {
      let place = reference.map { "The address in \($0)" } ?? "The address"
      throw SourceFailure(.misconfigured, "\(place) is no http or https address.")
    }
  }

  /// Posts a message; only an answer of 2xx says that it was taken.
  func post(_ message: Message, to address: Address) async -> DeliveryAnswer {
    let request = OutboundRequest(
      .post, address.url, headers: message.headers, body: message.body, limits: Self.limits,
      acceptsGzip: false)
    do throws(OutboundError) {
      return answer(try await client.send(request))
    } catch {
      // A message names host and port, which may be a secret here.
      let told = address.reference.map { "The receiver at \($0) \(error.kind.predicate)." }
      return .failed(message: told ?? error.message, retryAfter: nil)
    }
  }

  private func answer(_ response: OutboundResponse) -> DeliveryAnswer {
    switch response.status {
    case 200...299: return .delivered
    case 410: return .gone(message: "The receiver answered 410: it wants no more notices.")
    case 300...399:
      return .failed(
        message: "The receiver answered \(response.status); redirects are not followed.",
        retryAfter: nil)
    default:
      let wait = response.headers["Retry-After"].flatMap { RetryAfter.wait($0, now: now()) }
      return .failed(message: "The receiver answered \(response.status).", retryAfter: wait)
    }
  }
}

extension OutboundError.Kind {
  /// What went wrong, without a word about where.
  fileprivate var predicate: String {
    switch self {
    case .resolve: "has a name that leads to no address"
    case .connect, .addressRefused: "could not be connected to"
    case .tls: "could not be connected to with a trusted certificate"
    case .timeout: "did not answer in time"
    case .tooLarge: "answered with more than is taken"
    case .cutOff, .staleConnection, .malformed: "did not answer in whole"
    case .invalidRequest, .redirectRefused, .mailRefused, .cancelled, .failed:
      "could not be asked"
    }
  }
}

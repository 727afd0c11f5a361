import CLibCurl
import Glibc

/// One mail on the loop.
final class MailTransfer: Transfer, @unchecked Sendable {
  // Handed over to the loop's thread by `TransferLoop.start`; only that thread touches it then.
  private let envelope: MailEnvelope
  private let message: [UInt8]
  private let server: MailServer
  private let limits: OutboundLimits
  private let policy: ConnectPolicy
  private let started: ContinuousClock.Instant
  /// Called once with the outcome; set before the transfer is started.
  var resume: ((Result<Void, OutboundError>) -> Void)?
  var isCancelled = false
  private var sent = 0
  private var refusal: String?
  /// One from the first byte of the message on.
  private(set) var requests = 0

  init(
    _ envelope: MailEnvelope, _ message: [UInt8], _ server: MailServer, _ limits: OutboundLimits,
    _ policy: ConnectPolicy, started: ContinuousClock.Instant
  ) {
    self.envelope = envelope
    self.message = message
    self.server = server
    self.limits = limits
    self.policy = policy
    self.started = started
  }

  func configure(_ easy: EasyHandle) {
    easy.apply(server)
    easy.set(CURLOPT_MAIL_FROM, envelope.sender)
    easy.set(CURLOPT_MAIL_RCPT, list: envelope.recipients)
    easy.set(CURLOPT_CONNECTTIMEOUT_MS, limits.connect.wholeMilliseconds)
    // libcurl counts the wait for each answer of the server in whole seconds.
    easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, (limits.head.wholeMilliseconds + 999) / 1000)
    easy.set(CURLOPT_UPLOAD, 1)
    easy.setBytes(CURLOPT_INFILESIZE_LARGE, message.count)
    let context = Unmanaged.passUnretained(self).toOpaque()
    easy.note(curl_easy_set_read(easy.raw, readMessage, context))
    easy.note(curl_easy_set_open_socket(easy.raw, judgeAndOpen, context))
  }

  func nextCheck(after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    started + limits.whole
  }

  func overdue(at now: ContinuousClock.Instant) -> OutboundError? {
    guard now >= started + limits.whole else { return nil }
    return OutboundError(
      .timeout(.whole),
      "\(server.host):\(server.port) did not take the mail within \(limits.whole).",
      requests: requests)
  }

  func finished(_ code: CURLcode, _ easy: EasyHandle) {
    guard code == CURLE_OK else { return failed(error(code, easy)) }
    settle(.success(()))
  }

  func failed(_ error: OutboundError) { settle(.failure(error)) }

  private func settle(_ result: Result<Void, OutboundError>) {
    resume?(result)
    resume = nil
  }

  private func error(_ code: CURLcode, _ easy: EasyHandle) -> OutboundError {
    let reply = easy.number(CURLINFO_RESPONSE_CODE)
    // A refusal is told by the server's last code; libcurl's own says where it was met.
    let refusals = [
      CURLE_LOGIN_DENIED, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY,
    ]
    let kind: OutboundError.Kind =
      switch code {
      case _ where refusal != nil: .addressRefused
      case CURLE_OPERATION_TIMEDOUT: .timeout(reply == 0 ? .connect : .head)
      case _ where reply >= 400 && refusals.contains(code): .mailRefused(code: reply)
      default: .init(code)
      }
    let reason = refusal ?? easy.reason(code)
    return OutboundError(kind, "\(server.host):\(server.port): \(reason).", requests: requests)
  }

  fileprivate func read(into room: UnsafeMutableRawBufferPointer) -> Int {
    requests = 1
    let count = min(room.count, message.count - sent)
    room.copyBytes(from: message[sent..<(sent + count)])
    sent += count
    return count
  }

  fileprivate func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    policy.open(address, for: server.host) { refusal = "the address is refused: \($0)" }
  }
}

extension EasyHandle {
  fileprivate func apply(_ server: MailServer) {
    let host = server.host.contains(":") ? "[\(server.host)]" : server.host
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    set(CURLOPT_PROXY, "")
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    // Mails are rare: a connection of one's own is never found dead.
    set(CURLOPT_FORBID_REUSE, 1)
    switch server.protection {
    case .startTLS(let credentials):
      set(CURLOPT_URL, "smtp://\(host):\(server.port)")
      set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
      apply(credentials)
    case .tls(let credentials):
      set(CURLOPT_URL, "smtps://\(host):\(server.port)")
      apply(credentials)
    case .none:
      set(CURLOPT_URL, "smtp://\(host):\(server.port)")
    }
  }

  private func apply(_ credentials: MailServer.Credentials?) {
    guard let credentials else { return }
    set(CURLOPT_USERNAME, credentials.user)
    set(CURLOPT_PASSWORD, credentials.password)
  }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> MailTransfer? {
  context.map { Unmanaged<MailTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private func readMessage(
  _ room: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  transfer(context)?.read(into: .init(start: room, count: size * count)) ?? 0
}

private func judgeAndOpen(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
  _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let transfer = transfer(context), let address else { return CURL_SOCKET_BAD }
  return transfer.openSocket(address)
}

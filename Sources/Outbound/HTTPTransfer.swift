import CLibCurl
import Glibc

/// One HTTP request on the loop and the answer as it grows.
final class HTTPTransfer: Transfer, @unchecked Sendable {
  // Handed over to the loop's thread by `TransferLoop.start`; only that thread touches it then.
  private let request: OutboundRequest
  private let configuration: HTTPClientConfiguration
  private let started: ContinuousClock.Instant
  private let begun: ContinuousClock.Instant
  /// Called once with the outcome; set before the transfer is started.
  var resume: ((Result<OutboundResponse, OutboundError>) -> Void)?
  var isCancelled = false
  private var head = ResponseHead()
  private var body: [UInt8] = []
  private var failure: OutboundError?
  private var refusal: String?
  private var phase: Phase = .connecting
  private(set) var requests = 0

  private enum Phase {
    case connecting
    case waiting(since: ContinuousClock.Instant)
    case receiving(last: ContinuousClock.Instant)
  }

  /// A transfer whose whole deadline counts from `started`, before the redirects that led to it, and
  /// whose other deadlines count from `begun`.
  init(
    _ request: OutboundRequest, _ configuration: HTTPClientConfiguration,
    started: ContinuousClock.Instant, begun: ContinuousClock.Instant
  ) {
    self.request = request
    self.configuration = configuration
    self.started = started
    self.begun = begun
  }

  func configure(_ easy: EasyHandle) {
    easy.apply(request)
    easy.apply(configuration)
    let context = Unmanaged.passUnretained(self).toOpaque()
    easy.note(curl_easy_set_write(easy.raw, writeBody, context))
    easy.note(curl_easy_set_header(easy.raw, writeHead, context))
    easy.note(curl_easy_set_open_socket(easy.raw, judgeAndOpen, context))
    easy.note(curl_easy_set_prerequest(easy.raw, beforeRequest, context))
  }

  /// The deadline of the present phase; but the next phase, which may begin at any moment, may be a
  /// shorter one.
  func nextCheck(after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    min(deadline, now + min(request.limits.head, request.limits.idle))
  }

  private var deadline: ContinuousClock.Instant {
    let whole = started + request.limits.whole
    switch phase {
    case .connecting: return min(whole, begun + request.limits.connect)
    case .waiting(let since): return min(whole, since + request.limits.head)
    case .receiving(let last): return min(whole, last + request.limits.idle)
    }
  }

  func overdue(at now: ContinuousClock.Instant) -> OutboundError? {
    guard now >= deadline else { return nil }
    let isWhole = now >= started + request.limits.whole
    switch phase {
    case _ where isWhole: return timeout(.whole, "did not answer in full", request.limits.whole)
    case .connecting: return timeout(.connect, "could not be connected to", request.limits.connect)
    case .waiting: return timeout(.head, "did not begin to answer", request.limits.head)
    case .receiving: return timeout(.idle, "fell silent in its answer", request.limits.idle)
    }
  }

  func finished(_ code: CURLcode, _ easy: EasyHandle) {
    guard code == CURLE_OK, failure == nil else {
      return failed(failure ?? error(code, easy))
    }
    // libcurl is content with headers that end in the middle.
    guard head.isComplete else {
      return failed(error(CURLE_PARTIAL_FILE, easy))
    }
    let wireBytes = body.count
    settle(
      .success(
        OutboundResponse(
          status: easy.number(CURLINFO_RESPONSE_CODE), headers: head.fields, body: takeBody(),
          url: request.url, requests: requests, wireBytes: wireBytes)))
  }

  func failed(_ error: OutboundError) { settle(.failure(error)) }

  private func settle(_ result: Result<OutboundResponse, OutboundError>) {
    resume?(result)
    resume = nil
  }

  /// Moves the body out, so that it is not copied when the caller changes it.
  private func takeBody() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &body)
    return taken
  }
}

// What libcurl calls while the transfer runs.
extension HTTPTransfer {
  fileprivate func received(_ bytes: UnsafeRawBufferPointer) -> Int {
    let limits = request.limits
    guard bytes.count <= limits.wireBytes - body.count else {
      return refuse(.wire, limits.wireBytes, "on the wire")
    }
    guard isPacked || bytes.count <= limits.unpackedBytes - body.count else {
      return refuse(.unpacked, limits.unpackedBytes, "unpacked")
    }
    phase = .receiving(last: .now)
    if body.isEmpty { body.reserveCapacity(firstCapacity) }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  private var isPacked: Bool { head.fields["Content-Encoding"] != nil }

  /// Room for the whole body where its length was declared, up to a bound: a declared length is a
  /// claim of the source and not a reason to take memory.
  private var firstCapacity: Int {
    let declared = head.fields["Content-Length"].flatMap { Int($0) } ?? 0
    return min(max(declared, 4096), 1 << 20)
  }

  fileprivate func receivedHead(_ line: UnsafeRawBufferPointer) -> Int {
    guard head.add(line, bound: request.limits.headBytes) else {
      return refuse(.head, request.limits.headBytes, "of headers")
    }
    phase = .receiving(last: .now)
    return line.count
  }

  /// Called before each request on the wire; a second one in the same transfer would be libcurl's
  /// silent resend after a kept connection died, or any other that nobody has asked for.
  fileprivate func willSend() -> Bool {
    guard requests == 0 else {
      fail(
        .staleConnection,
        "The kept connection to \(request.url.authority) ended before it answered.")
      return false
    }
    requests = 1
    phase = .waiting(since: .now)
    return true
  }

  fileprivate func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    configuration.connectPolicy.open(address, for: request.url.host) { refusal = $0 }
  }
}

// How failures are told.
extension HTTPTransfer {
  private func fail(_ kind: OutboundError.Kind, _ message: String) {
    failure = failure ?? OutboundError(kind, message, requests: requests)
  }

  /// Notes that a bound is passed; the 0 tells libcurl to stop.
  private func refuse(_ bound: OutboundError.Bound, _ limit: Int, _ what: String) -> Int {
    fail(
      .tooLarge(bound), "\(request.url.authority) sent more than \(limit) bytes \(what).")
    return 0
  }

  private func timeout(_ deadline: OutboundError.Deadline, _ what: String, _ limit: Duration)
    -> OutboundError
  {
    OutboundError(
      .timeout(deadline), "\(request.url.authority) \(what) within \(limit).", requests: requests)
  }

  private func error(_ code: CURLcode, _ easy: EasyHandle) -> OutboundError {
    if let refusal, requests == 0 {
      return OutboundError(
        .addressRefused, "The address of \(request.url.authority) is refused: \(refusal).")
    }
    if code == CURLE_OPERATION_TIMEDOUT {
      return overdue(at: .now)
        ?? timeout(.connect, "could not be connected to", request.limits.connect)
    }
    if code == CURLE_FILESIZE_EXCEEDED {
      _ = refuse(.wire, request.limits.wireBytes, "on the wire")
      if let failure { return failure }
    }
    // To libcurl an answer that is not HTTP/1 is one of HTTP/0.9, which it then does not support.
    let kind: OutboundError.Kind =
      requests > 0 && code == CURLE_UNSUPPORTED_PROTOCOL ? .malformed : .init(code)
    return OutboundError(
      kind, "\(request.url.authority): \(easy.reason(code)).",
      requests: requests)
  }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer? {
  context.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private func writeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  transfer(context)?.received(.init(start: bytes, count: size * count)) ?? 0
}

private func writeHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  transfer(context)?.receivedHead(.init(start: bytes, count: size * count)) ?? 0
}

private func judgeAndOpen(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
  _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let transfer = transfer(context), let address else { return CURL_SOCKET_BAD }
  return transfer.openSocket(address)
}

private func beforeRequest(
  _ context: UnsafeMutableRawPointer?, _ remote: UnsafeMutablePointer<CChar>?,
  _ local: UnsafeMutablePointer<CChar>?, _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
  transfer(context)?.willSend() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

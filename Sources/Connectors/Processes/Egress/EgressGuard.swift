import Foundation
import Glibc

/// A proxy for one run of a program, through which alone it is to reach the outside: it resolves a
/// name, judges every address behind it, and connects to one that it has judged.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class EgressGuard: @unchecked Sendable {
  private static let connections = 64
  private static let patience = 10

  private let rule: EgressRule
  /// What the program must say to be let through; nil where nobody else can reach the guard.
  private let password: String?
  private let lock = NSLock()
  private var sockets: Set<Int32> = []
  private var isStopped = false
  private var lastRefusal: String?

  private init(_ rule: EgressRule, password: String?) {
    self.rule = rule
    self.password = password
  }

  /// A guard at a port of this machine, which other programs see too; nil where none can be had.
  ///
  /// The variables tell the program of it; what does not heed them is not held back.
  static func open(
    _ rule: EgressRule, password: String
  ) -> (guard: EgressGuard, variables: [String: String])? {
    guard let (socket, port) = EgressSocket.listening(port: 0) else { return nil }
    let egress = EgressGuard(rule, password: password)
    egress.serve(socket)
    return (egress, variables("http://backfill:\(password)@127.0.0.1:\(port)"))
  }

  /// A guard that waits at a path for the gate inside of a sandbox; nil where it cannot listen.
  static func open(
    _ rule: EgressRule, at path: String, owner: (user: UInt32, group: UInt32)?
  ) -> (guard: EgressGuard, variables: [String: String])? {
    guard let socket = EgressSocket.local(path, listens: true) else { return nil }
    if let owner, chown(path, owner.user, owner.group) != 0 {
      close(socket)
      return nil
    }
    let egress = EgressGuard(rule, password: nil)
    egress.await(socket)
    return (egress, variables("http://127.0.0.1:\(EgressGate.port)"))
  }

  /// Ends all connections; what comes later is refused.
  func stop() {
    lock.withLock {
      isStopped = true
      for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  /// What was refused last, as a sentence; nil for nothing.
  var refusal: String? { lock.withLock { lastRefusal } }

  private static func variables(_ address: String) -> [String: String] {
    var variables: [String: String] = ["NO_PROXY": "", "no_proxy": ""]
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
      variables[name] = address
      variables[name.lowercased()] = address
    }
    return variables
  }
}

// Listening
extension EgressGuard {
  /// Waits for the socket that the gate hands out, then serves it.
  private func await(_ waiting: Int32) {
    onThread(waiting) { [self] in
      let gate = accept(waiting, nil, nil)
      guard gate >= 0 else { return }
      defer { close(gate) }
      EgressSocket.setTimeout(gate, seconds: Self.patience)
      guard let socket = EgressSocket.taken(from: gate) else { return }
      serve(socket)
      _ = EgressSocket.write([1], to: gate)
    }
  }

  private func serve(_ listening: Int32) {
    onThread(listening) { [self] in
      while true {
        let client = accept(listening, nil, nil)
        if client < 0, errno == EINTR || errno == ECONNABORTED { continue }
        guard client >= 0 else { return }
        onThread(client) { [self] in handle(client) }
      }
    }
  }

  /// Runs what may block on a thread of its own, and closes the socket in the end.
  private func onThread(_ socket: Int32, _ body: @escaping @Sendable () -> Void) {
    guard note(socket) else {
      close(socket)
      return
    }
    Thread.detachNewThread { [self] in
      body()
      forget(socket)
    }
  }

  private func note(_ socket: Int32) -> Bool {
    lock.withLock {
      guard !isStopped, sockets.count <= Self.connections else { return false }
      sockets.insert(socket)
      return true
    }
  }

  private func forget(_ socket: Int32) {
    lock.withLock {
      sockets.remove(socket)
      close(socket)
    }
  }
}

// One connection
extension EgressGuard {
  private func handle(_ client: Int32) {
    EgressSocket.setTimeout(client, seconds: Self.patience)
    guard let head = head(from: client), let request = EgressRequest(head) else {
      return answer(client, "405 Only CONNECT")
    }
    guard isKnown(request.authorization) else {
      return answer(client, "407 Proxy Authentication Required")
    }
    guard rule.allows(request.host, port: request.port) else {
      return refuse(client, request, "the definition does not name it")
    }
    switch EgressTarget.connect(request.host, port: request.port, rule: rule) {
    case .refused(let reason): refuse(client, request, reason)
    case .failed(let reason): answer(client, "502 \(reason)")
    case .connected(let server):
      guard note(server) else {
        close(server)
        return
      }
      defer { forget(server) }
      EgressSocket.setTimeout(client, seconds: 0)
      answer(client, "200 Connected")
      var relay = EgressRelay(client, server)
      relay.run()
    }
  }

  private func head(from client: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    // One by one: what follows the head is not the guard's to read.
    while bytes.count < EgressRequest.limit {
      let count = recv(client, &byte, 1, 0)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return nil }
      bytes.append(byte)
      if bytes.suffix(4) == [13, 10, 13, 10] { return String(validating: bytes, as: UTF8.self) }
    }
    return nil
  }

  private func isKnown(_ authorization: String?) -> Bool {
    guard let password else { return true }
    let expected = Data("backfill:\(password)".utf8).base64EncodedString()
    return authorization == "Basic \(expected)"
  }

  private func refuse(_ client: Int32, _ request: EgressRequest, _ reason: String) {
    lock.withLock {
      lastRefusal =
        "A connection to \(request.host):\(request.port) was refused, because \(reason)."
    }
    answer(client, "403 Forbidden")
  }

  private func answer(_ client: Int32, _ status: String) {
    _ = EgressSocket.write("HTTP/1.1 \(status)\r\n\r\n".utf8, to: client)
  }
}

/// Hands mails in at a server, each over a connection of its own.
public final class Mailer: Sendable {
  private let server: MailServer
  private let limits: OutboundLimits
  private let policy: ConnectPolicy
  private let loop: TransferLoop

  /// A mailer with a thread of its own, which ends with the mailer; of the limits, connect, head
  /// (for each answer of the server) and whole apply.
  public init(
    _ server: MailServer, limits: OutboundLimits = OutboundLimits(), policy: ConnectPolicy = .any
  ) throws(OutboundError) {
    self.server = server
    self.limits = limits
    self.policy = policy
    loop = try TransferLoop(connections: 4)
  }

  deinit { loop.stop() }

  /// Hands a mail in; returns when the server has taken it for all recipients.
  public func send(_ mail: Mail) async throws(OutboundError) {
    let transfer = MailTransfer(
      try mail.envelope(), Array(mail.message.utf8), server, limits, policy, started: .now)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.resume = { continuation.resume(returning: $0) }
        loop.start(transfer)
      }
    } onCancel: {
      loop.cancel(transfer)
    }
    try result.get()
  }
}

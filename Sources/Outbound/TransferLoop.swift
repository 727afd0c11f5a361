import CLibCurl
import Glibc

/// One thread that drives all transfers over one libcurl multi handle, which keeps the connections.
///
/// Callers hand transfers over under a lock and wake the thread; nothing of libcurl but the wake-up
/// is ever called from elsewhere.
final class TransferLoop: @unchecked Sendable {
  // `inbox` is guarded by its lock; `running` and `nextCheck` belong to the thread alone;
  // `multi` is constant and its wake-up may be called from any thread.
  private let inbox = Locked(Inbox())
  private let multi: UnsafeMutableRawPointer
  private var running: [UnsafeMutableRawPointer: (easy: EasyHandle, transfer: any Transfer)] = [:]
  private var nextCheck = ContinuousClock.now

  private struct Inbox {
    var commands: [Command] = []
    var isStopped = false
  }

  private enum Command {
    case start(any Transfer)
    case cancel(any Transfer)
  }

  /// Starts the thread.
  ///
  /// At most `connections` are open at once; transfers beyond wait their turn.
  init(connections: Int) throws(OutboundError) {
    guard curlIsReady, let multi = curl_multi_init() else {
      throw OutboundError(.failed, "libcurl could not be set up.")
    }
    self.multi = multi
    curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections)
    curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, runLoop, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw OutboundError(.failed, "No thread could be started for outbound requests.")
    }
    pthread_detach(thread)
  }

  deinit { curl_multi_cleanup(multi) }

  func start(_ transfer: any Transfer) { send(.start(transfer)) }

  /// Takes a transfer off the loop, or keeps it off when the cancellation overtakes the start;
  /// nothing happens where it has ended.
  func cancel(_ transfer: any Transfer) { send(.cancel(transfer)) }

  /// Ends the thread; transfers that still run fail.
  func stop() {
    inbox.withLock { $0.isStopped = true }
    curl_multi_wakeup(multi)
  }

  private func send(_ command: Command) {
    let isFirst = inbox.withLock { inbox in
      inbox.commands.append(command)
      return inbox.commands.count == 1
    }
    // Whoever filled the empty inbox wakes the thread; the others ride along.
    if isFirst { curl_multi_wakeup(multi) }
  }

  fileprivate func run() {
    while takeCommands() {
      var active: Int32 = 0
      curl_multi_perform(multi, &active)
      collectFinished()
      let now = ContinuousClock.now
      if now >= nextCheck { failOverdue(at: now) }
      curl_multi_poll(multi, nil, 0, milliseconds(until: nextCheck, from: now), nil)
    }
    for entry in running.values { remove(entry.easy) }
    let ended = running.values.map(\.transfer)
    running = [:]
    for transfer in ended { fail(transfer, .cancelled, "The client was stopped.") }
  }

  /// Does what was asked since the last time; false when the loop shall end.
  private func takeCommands() -> Bool {
    let (commands, isStopped) = inbox.withLock { inbox in
      defer { inbox.commands = [] }
      return (inbox.commands, inbox.isStopped)
    }
    for command in commands {
      switch command {
      case .start(let transfer): begin(transfer)
      case .cancel(let transfer): abort(transfer)
      }
    }
    return !isStopped
  }

  private func begin(_ transfer: any Transfer) {
    guard !transfer.isCancelled else {
      return fail(transfer, .cancelled, "The request was cancelled.")
    }
    guard let easy = EasyHandle() else {
      return fail(transfer, .failed, "libcurl has no memory for another transfer.")
    }
    transfer.configure(easy)
    if let reason = easy.refusedOption {
      return fail(transfer, .invalidRequest, "libcurl refuses the request: \(reason).")
    }
    guard curl_multi_add_handle(multi, easy.raw) == CURLM_OK else {
      return fail(transfer, .failed, "libcurl could not take another transfer.")
    }
    running[easy.raw] = (easy, transfer)
    nextCheck = min(nextCheck, transfer.nextCheck(after: .now))
  }

  private func abort(_ transfer: any Transfer) {
    transfer.isCancelled = true
    guard let entry = running.values.first(where: { $0.transfer === transfer }) else { return }
    running[entry.easy.raw] = nil
    remove(entry.easy)
    fail(transfer, .cancelled, "The request was cancelled.")
  }

  private func collectFinished() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let raw = message.pointee.easy_handle,
        let entry = running.removeValue(forKey: raw)
      else { continue }
      let code = curl_message_result(message)
      curl_multi_remove_handle(multi, raw)
      entry.transfer.finished(code, entry.easy)
    }
  }

  private func failOverdue(at now: ContinuousClock.Instant) {
    nextCheck = now + .seconds(60)
    for (raw, entry) in running {
      guard let error = entry.transfer.overdue(at: now) else {
        nextCheck = min(nextCheck, entry.transfer.nextCheck(after: now))
        continue
      }
      running[raw] = nil
      remove(entry.easy)
      entry.transfer.failed(error)
    }
  }

  private func fail(_ transfer: any Transfer, _ kind: OutboundError.Kind, _ message: String) {
    transfer.failed(OutboundError(kind, message, requests: transfer.requests))
  }

  private func remove(_ easy: EasyHandle) {
    // To take leave of a mail server libcurl waits here, on the thread of all transfers.
    easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, 1)
    curl_multi_remove_handle(multi, easy.raw)
  }
}

/// libcurl's global state, made once in the life of the program.
private let curlIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
  return nil
}

/// Whole milliseconds until an instant, rounded up, so that a deadline has passed when the wait
/// ends.
private func milliseconds(
  until instant: ContinuousClock.Instant, from now: ContinuousClock.Instant
) -> Int32 {
  let (seconds, attoseconds) = max(instant - now, .zero).components
  return Int32(min(seconds, 60) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
}

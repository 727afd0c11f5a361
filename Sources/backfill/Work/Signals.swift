import Dispatch
import Glibc

/// The signals that ask the program to end, which do not end it by themselves while this listens.
///
/// `@unchecked Sendable`: the sources are set up before anybody else has them, and only cancelled
/// afterwards, which Dispatch allows from any thread.
final class Signals: @unchecked Sendable {
  private static let numbers = [SIGTERM, SIGINT]

  private let sources: [any DispatchSourceSignal]

  private init(_ heard: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "backfill.signals")
    sources = Self.numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { heard() }
      source.resume()
      return source
    }
  }

  private func stop() {
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }

  /// One element for each signal from now on.
  static func endings() -> AsyncStream<Void> {
    AsyncStream { continuation in
      let signals = Signals { continuation.yield() }
      continuation.onTermination = { _ in signals.stop() }
    }
  }
}

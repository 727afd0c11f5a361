/// Notifications of some channels, on a connection of its own that is made anew when it ends.
///
/// Notifications are not kept for who is away, so each time it listens again the listener says so,
/// and the consumer must look for itself. Iteration ends when the task is cancelled, and throws
/// only what no waiting mends, such as a wrong password.
public struct Listener: AsyncSequence, Sendable {
  /// What a listener tells.
  public enum Event: Hashable, Sendable {
    /// It listens from now on: look for what came before.
    case listening
    /// It listens again after its connection ended: look for what was missed.
    case reconnected
    /// A message came.
    case notification(Notification)
  }

  private let settings: ConnectionSettings
  private let channels: [String]
  private let backoff: Backoff
  private let generator: any RandomNumberGenerator & Sendable

  /// A listener to these channels; it connects when it is iterated.
  public init(
    _ settings: ConnectionSettings, channels: [String], backoff: Backoff = Backoff(),
    generator: any RandomNumberGenerator & Sendable
  ) {
    self.settings = settings
    self.channels = channels
    self.backoff = backoff
    self.generator = generator
  }

  /// A connection of its own.
  public func makeAsyncIterator() -> Iterator {
    Iterator(
      settings: settings, channels: channels, backoff: backoff, generator: generator)
  }

  /// One connection and what came over it.
  public struct Iterator: AsyncIteratorProtocol {
    let settings: ConnectionSettings
    let channels: [String]
    let backoff: Backoff
    var generator: any RandomNumberGenerator & Sendable
    private var connection: Connection?
    private var pending: ArraySlice<Notification> = []
    private var hasListened = false
    private var failures = 0

    init(
      settings: ConnectionSettings, channels: [String], backoff: Backoff,
      generator: any RandomNumberGenerator & Sendable
    ) {
      (self.settings, self.channels) = (settings, channels)
      (self.backoff, self.generator) = (backoff, generator)
    }

    /// The next event; nil once the task is cancelled.
    public mutating func next() async throws(PostgresError) -> Event? {
      try await next(isolation: nil)
    }

    /// The next event; nil once the task is cancelled.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(PostgresError) -> Event? {
      while !Task.isCancelled {
        if let notification = pending.popFirst() { return .notification(notification) }
        do throws(PostgresError) {
          guard let connection else { return try await listen() }
          pending = try await connection.notifications()[...]
        } catch {
          try await recover(from: error)
        }
      }
      return nil
    }

    private nonisolated(nonsending) mutating func listen() async throws(PostgresError) -> Event {
      let connection = try await Connection.connect(settings)
      for channel in channels { try await connection.listen(to: channel) }
      self.connection = connection
      failures = 0
      defer { hasListened = true }
      return hasListened ? .reconnected : .listening
    }

    private nonisolated(nonsending) mutating func recover(
      from error: PostgresError
    ) async throws(PostgresError) {
      connection = nil
      guard error.code != .cancelled else { return }
      guard error.isRetryable else { throw error }
      failures += 1
      do {
        try await Task.sleep(for: backoff.pause(after: failures, using: &generator))
      } catch {
        return  // cancelled, which the caller's loop finds
      }
    }
  }
}

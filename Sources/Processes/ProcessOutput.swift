import Dispatch
import Glibc

/// What a running program writes, in chunks of at most 256 KiB.
///
/// Nothing is read ahead: a program that writes faster than its reader takes is held up by the
/// kernel's pipe. The sequence ends when the program closed its output or ended, even if a child of
/// its own still holds the pipe open. It has one reader.
public struct ProcessOutput: AsyncSequence, Sendable {
  /// Bytes as they came; never empty.
  public typealias Element = [UInt8]

  let source: PipeReader?

  /// Begins to read where the last reader stopped.
  public func makeAsyncIterator() -> Iterator {
    Iterator(source: source)
  }

  /// Takes chunk after chunk.
  public struct Iterator: AsyncIteratorProtocol {
    let source: PipeReader?

    /// The next chunk; nil at the end; throws `CancellationError` if the task was cancelled.
    public mutating func next() async throws -> [UInt8]? {
      try Task.checkCancellation()
      return try await source?.read(within: nil)
    }
  }

  /// The next chunk, waited for no longer than `limit`; nil at the end.
  ///
  /// An empty chunk means that nothing came in that time. Throws `CancellationError` if the task was
  /// cancelled before.
  public func next(within limit: Duration) async throws -> [UInt8]? {
    try Task.checkCancellation()
    return try await source?.read(within: limit)
  }

  /// Reads to the end and keeps the first `limit` bytes, so that a talkative program costs no memory
  /// and is not held up.
  public func collected(upTo limit: Int) async throws -> Captured {
    var captured = Captured(bytes: [], isTruncated: false)
    for try await chunk in self {
      let room = limit - captured.bytes.count
      captured.bytes.append(contentsOf: chunk.prefix(room))
      captured.isTruncated = captured.isTruncated || chunk.count > room
    }
    return captured
  }

  /// Whether a reader has come to the end.
  func wasReadToEnd() async -> Bool {
    await source?.wasReadToEnd() ?? true
  }

  /// The beginning of an output.
  public struct Captured: Sendable, Equatable {
    /// The bytes that were kept.
    public var bytes: [UInt8]
    /// Whether there were more than were kept.
    public var isTruncated: Bool
    /// The bytes as text, with U+FFFD for what is not UTF-8.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }
}

/// Our end of a program's output, read on a queue of its own, because `read` blocks.
///
/// `@unchecked Sendable`: what changes is touched on `queue` only.
final class PipeReader: @unchecked Sendable {
  private static let chunkSize = 256 * 1024

  private var reachedEnd = false
  /// How many bytes are still to be read; nil while the program lives.
  ///
  /// A child that it left behind could otherwise go on writing for ever.
  private var leftBehind: Int?

  private let pipe: Descriptor
  private let process: Descriptor
  private let queue = DispatchQueue(label: "backfill.processes.output")

  init(pipe: Descriptor, process: Descriptor) {
    self.pipe = pipe
    self.process = process
  }

  func read(within limit: Duration?) async throws -> [UInt8]? {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try self.readAndNoteEnd(limit) }) }
    }
  }

  func wasReadToEnd() async -> Bool {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: self.reachedEnd) }
    }
  }

  private func readAndNoteEnd(_ limit: Duration?) throws(ProcessFailure) -> [UInt8]? {
    let chunk = try readBlocking(limit)
    reachedEnd = chunk == nil
    return chunk
  }

  private func readBlocking(_ limit: Duration?) throws(ProcessFailure) -> [UInt8]? {
    switch try waitForData(limit) {
    case .nothing: return []
    case .end: return nil
    case .data: break
    }
    var code: Int32 = 0
    let wanted = min(Self.chunkSize, leftBehind ?? .max)
    let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      var got = Glibc.read(pipe.number, buffer.baseAddress, wanted)
      while got < 0, errno == EINTR {
        got = Glibc.read(pipe.number, buffer.baseAddress, wanted)
      }
      if got < 0 { code = errno }
      count = max(0, got)
    }
    guard code == 0 else { throw .system(call: "read", code: code) }
    leftBehind = leftBehind.map { $0 - chunk.count }
    return chunk.isEmpty ? nil : chunk
  }

  private enum Waiting {
    case data, nothing, end
  }

  private func waitForData(_ limit: Duration?) throws(ProcessFailure) -> Waiting {
    if let leftBehind { return leftBehind > 0 ? .data : .end }
    var watched = [
      pollfd(fd: pipe.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: process.number, events: Int16(POLLIN), revents: 0),
    ]
    let deadline = limit.map { ContinuousClock.now + $0 }
    var ready = poll(&watched, 2, Self.milliseconds(to: deadline))
    while ready < 0 {
      guard errno == EINTR else { throw .system(call: "poll", code: errno) }
      ready = poll(&watched, 2, Self.milliseconds(to: deadline))
    }
    guard ready > 0 else { return .nothing }
    if watched[1].revents == 0 { return .data }
    // It has ended: what lies in the pipe now is the last that counts.
    var count: Int32 = 0
    guard ioctl(pipe.number, UInt(FIONREAD), &count) == 0 else {
      throw .system(call: "ioctl", code: errno)
    }
    leftBehind = Int(count)
    return count > 0 ? .data : .end
  }

  private static func milliseconds(to deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = (deadline - .now).components
    guard left.seconds < 3600 else { return 3_600_000 }
    // Rounded up, so that the moment has come when the wait ends.
    return max(0, Int32(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000) + 1)
  }
}

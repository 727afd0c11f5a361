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
      return try await source?.read()
    }
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
/// `@unchecked Sendable`: `reachedEnd` is touched on `queue` only.
final class PipeReader: @unchecked Sendable {
  private static let chunkSize = 256 * 1024

  private var reachedEnd = false

  private let pipe: Descriptor
  private let process: Descriptor
  private let queue = DispatchQueue(label: "backfill.processes.output")

  init(pipe: Descriptor, process: Descriptor) {
    self.pipe = pipe
    self.process = process
  }

  func read() async throws -> [UInt8]? {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try self.readAndNoteEnd() }) }
    }
  }

  func wasReadToEnd() async -> Bool {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: self.reachedEnd) }
    }
  }

  private func readAndNoteEnd() throws(ProcessFailure) -> [UInt8]? {
    let chunk = try readBlocking()
    reachedEnd = chunk == nil
    return chunk
  }

  private func readBlocking() throws(ProcessFailure) -> [UInt8]? {
    guard try waitForData() else { return nil }
    var code: Int32 = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, count in
      var got = Glibc.read(pipe.number, buffer.baseAddress, buffer.count)
      while got < 0, errno == EINTR {
        got = Glibc.read(pipe.number, buffer.baseAddress, buffer.count)
      }
      if got < 0 { code = errno }
      count = max(0, got)
    }
    guard code == 0 else { throw .system(call: "read", code: code) }
    return chunk.isEmpty ? nil : chunk
  }

  /// False if the program has ended and left nothing in the pipe.
  private func waitForData() throws(ProcessFailure) -> Bool {
    var watched = [
      pollfd(fd: pipe.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: process.number, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&watched, 2, -1) < 0 {
      guard errno == EINTR else { throw .system(call: "poll", code: errno) }
    }
    if watched[0].revents != 0 { return true }
    // It may have written its last words after the pipe was looked at and before it ended.
    return poll(&watched, 1, 0) > 0
  }
}

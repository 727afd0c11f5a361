/// Turns bytes into requests, whatever pieces the bytes come in.
///
/// It knows nothing of sockets.
///
/// Feed it with `append`, then ask `next` until it wants more bytes. After a fault it says nothing
/// more: where a request cannot be framed, nobody knows where the next one begins.
public struct RequestDecoder: Sendable {
  /// What was understood.
  public enum Event: Hashable, Sendable {
    /// A request begins.
    case head(RequestHead)
    /// A piece of its body.
    case body([UInt8])
    /// The request is whole; the next event belongs to the next one.
    case end
    /// The request cannot be taken.
    case fault(RequestFault)
  }

  private enum State: Hashable, Sendable {
    /// Waits for a request line. Next: fields.
    case line
    /// Collects headers. Next: counted, chunkSize, end.
    case fields(RequestLine, Headers)
    /// So many bytes of the body are missing. Next: end.
    case counted(Int)
    /// Waits for the length of a chunk. Next: chunk, trailers.
    case chunkSize
    /// So many bytes of the chunk are missing. Next: chunkEnd.
    case chunk(Int)
    /// Waits for the line end behind a chunk. Next: chunkSize.
    case chunkEnd
    /// Reads over trailers. Next: end.
    case trailers(count: Int)
    /// The request is whole, but nobody was told yet. Next: line.
    case end
    case failed
  }

  private let limits: RequestLimits
  private var state = State.line
  private var buffer: [UInt8] = []
  private var consumed = 0
  private var scanned = 0
  private var headBytes = 0
  private var extensionBytes = 0

  /// A decoder at the beginning of a connection.
  public init(limits: RequestLimits = RequestLimits()) {
    self.limits = limits
  }

  /// Bytes taken in and not yet understood.
  public var bufferedBytes: Int { buffer.count - consumed }

  /// Whether it stands between two requests, with no byte of the next one.
  public var isIdle: Bool { state == .line && bufferedBytes == 0 }

  /// Takes more bytes in.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    dropConsumed()
    buffer.append(contentsOf: bytes)
  }

  /// What comes next; nil when more bytes are needed.
  public mutating func next() -> Event? {
    do throws(RequestFault) {
      while true {
        switch state {
        case .line, .fields, .chunkSize, .chunkEnd, .trailers:
          guard let line = try nextLine() else { return nil }
          if let event = try take(line) { return event }
        case .counted(let missing), .chunk(let missing):
          return takeBody(missing)
        case .end:
          finish()
          return .end
        case .failed:
          return nil
        }
      }
    } catch {
      state = .failed
      buffer = []
      consumed = 0
      return .fault(error)
    }
  }

  /// The next line without its end, which must be CR LF; nil while it is not whole.
  private mutating func nextLine() throws(RequestFault) -> ArraySlice<UInt8>? {
    let start = consumed
    guard let end = buffer[max(scanned, start)...].firstIndex(of: Byte.lineFeed) else {
      scanned = buffer.count
      try checkLength(of: buffer.count - start)
      return nil
    }
    try checkLength(of: end + 1 - start)
    guard end > start, buffer[end - 1] == Byte.carriageReturn else {
      throw .malformed("A line ends in LF without CR.")
    }
    consumed = end + 1
    scanned = consumed
    headBytes += end + 1 - start
    return buffer[start..<(end - 1)]
  }

  /// Judges a line's length before its content, so that it does not matter whether it came whole.
  private func checkLength(of line: Int) throws(RequestFault) {
    switch state {
    case .line where line > limits.targetBytes + 64: throw targetTooLong
    case .line, .fields, .trailers:
      guard headBytes + line <= limits.headBytes else {
        throw RequestFault(431, "The headers are too large.")
      }
    case .chunkSize:
      guard extensionBytes + line <= limits.chunkExtensionBytes else {
        throw .malformed("The extensions of the chunks are too long.")
      }
    default:
      guard line <= 2 else { throw chunkTooLong }
    }
  }

  private mutating func take(_ line: ArraySlice<UInt8>) throws(RequestFault) -> Event? {
    switch state {
    case .line:
      state = .fields(try RequestLine(line, limits: limits), Headers())
    case .fields(let requestLine, let headers) where line.isEmpty:
      let head = try RequestHead(requestLine, headers)
      beginBody(head.framing)
      return .head(head)
    case .fields(let requestLine, var headers):
      // The state lets go of the headers while they grow, so that they are not copied each time.
      state = .failed
      headers.add(try field(line, after: headers.fields.count))
      state = .fields(requestLine, headers)
    case .chunkSize:
      let size = try ChunkSize(line)
      extensionBytes += size.extensionBytes
      headBytes = 0
      state = size.bytes == 0 ? .trailers(count: 0) : .chunk(size.bytes)
    case .chunkEnd:
      guard line.isEmpty else { throw chunkTooLong }
      state = .chunkSize
    case .trailers(let count) where !line.isEmpty:
      _ = try field(line, after: count)
      state = .trailers(count: count + 1)
    case .trailers: state = .end
    case .counted, .chunk, .end, .failed: break
    }
    return nil
  }

  private func field(_ line: ArraySlice<UInt8>, after count: Int) throws(RequestFault)
    -> Headers.Field
  {
    guard count < limits.fieldCount else {
      throw RequestFault(431, "There are too many headers.")
    }
    return try Headers.Field(line)
  }

  private mutating func beginBody(_ framing: RequestHead.Framing) {
    extensionBytes = 0
    switch framing {
    case .length(0): state = .end
    case .length(let length): state = .counted(length)
    case .chunked: state = .chunkSize
    }
  }

  private mutating func takeBody(_ missing: Int) -> Event? {
    let count = min(missing, bufferedBytes)
    guard count > 0 else { return nil }
    let piece = Array(buffer[consumed..<(consumed + count)])
    consumed += count
    scanned = consumed
    if case .counted = state {
      state = count == missing ? .end : .counted(missing - count)
    } else {
      state = count == missing ? .chunkEnd : .chunk(missing - count)
    }
    return .body(piece)
  }

  private mutating func finish() {
    state = .line
    headBytes = 0
    dropConsumed()
  }

  private mutating func dropConsumed() {
    guard consumed > 0 else { return }
    buffer.removeFirst(consumed)
    scanned = max(0, scanned - consumed)
    consumed = 0
  }
}

private let chunkTooLong = RequestFault.malformed("A chunk is longer than its length says.")

/// The line before a chunk (RFC 9112, section 7.1): up to 15 hexadecimal digits, and extensions
/// that are read over.
private struct ChunkSize {
  let bytes: Int
  let extensionBytes: Int

  init(_ line: ArraySlice<UInt8>) throws(RequestFault) {
    let digits = line.prefix { hexadecimal($0) != nil }
    let rest = line.dropFirst(digits.count)
    guard !digits.isEmpty, digits.count <= 15 else {
      throw .malformed("A chunk's length is not a hexadecimal number.")
    }
    guard rest.isEmpty || rest.first == UInt8(ascii: ";"), rest.allSatisfy(isValueByte) else {
      throw .malformed("A chunk's length is followed by something else than an extension.")
    }
    bytes = digits.reduce(0) { $0 << 4 | Int(hexadecimal($1) ?? 0) }
    extensionBytes = rest.count
  }
}

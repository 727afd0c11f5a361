import Glibc
import JSON

/// Reads a file, or a stretch of it, chunk by chunk as records, in bounded memory.
///
/// A record longer than `RecordBounds.longest` comes as its beginning, with the flaw `tooLarge`;
/// the rest of its line is passed over.
struct RecordStream: ~Copyable {
  /// The records of the chunk at hand.
  private(set) var pieces: [Piece] = []
  /// Where in the file the first byte of the chunk lies.
  private(set) var base: Int64
  /// Where in the file the chunk ends, and the next one begins.
  private(set) var end: Int64

  private let input: Int32
  private let path: String
  private var left: Int64
  private var buffer: ByteBuffer
  private var chunkLength = 0
  private var isPassingOver = false

  /// Reads at most `length` bytes of an open file or pipe, the first of which lies at `offset`;
  /// `path` is the file that messages name.
  init(
    _ input: Int32, path: String, from offset: Int64, length: Int64, chunk: Int = 256 << 10
  ) {
    self.input = input
    self.path = path
    base = offset
    end = offset
    left = length
    buffer = ByteBuffer(capacity: Int(max(1, min(Int64(chunk), length))))
  }

  /// The bytes of the chunk at hand; those of its pieces lie in it.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<chunkLength])
  }

  /// Goes to the next chunk; false at the end.
  ///
  /// `read` is shown every byte that comes from the file.
  mutating func advance(
    _ cutter: inout some RecordCutter, read: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(FileFault) -> Bool {
    buffer.drop(chunkLength)
    base = end
    pieces.removeAll(keepingCapacity: true)
    while true {
      let isLast = try fill(read)
      if isPassingOver {
        passOver()
        if isLast, buffer.count == 0 { return false }
        continue
      }
      chunkLength = try cut(&cutter, isLast: isLast)
      if chunkLength == 0, !isLast {
        if buffer.count > RecordBounds.longest { return takeBeginning() }
        buffer.grow()
        continue
      }
      end = base + Int64(chunkLength)
      markLong()
      return chunkLength > 0
    }
  }

  private mutating func cut(
    _ cutter: inout some RecordCutter, isLast: Bool
  ) throws(FileFault) -> Int {
    do throws(JSONError) {
      return try cutter.cut(buffer.bytes, isLast: isLast, into: &pieces)
    } catch {
      throw .unreadable(path: path, reason: error.message)
    }
  }

  /// Fills the buffer; true where nothing follows.
  private mutating func fill(_ read: (UnsafeRawBufferPointer) -> Void) throws(FileFault) -> Bool {
    while buffer.room > 0, left > 0 {
      let wanted = Int(min(Int64(buffer.room), left))
      let count = Glibc.read(input, buffer.free, wanted)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileFault.unreadable(path: path, reason: systemMessage(errno)) }
      if count == 0 { left = 0 }
      read(UnsafeRawBufferPointer(start: buffer.free, count: count))
      buffer.add(count)
      left -= Int64(count)
    }
    return left <= 0
  }

  /// Gives the beginning of a record that is too long, and passes over the rest of it next.
  private mutating func takeBeginning() -> Bool {
    pieces = [
      Piece(start: 0, end: RecordBounds.keptOfLonger, time: nil, flaw: .tooLarge)
    ]
    chunkLength = buffer.count
    end = base + Int64(chunkLength)
    isPassingOver = true
    return true
  }

  private mutating func passOver() {
    let lineEnd = firstIndex(of: newline, in: buffer.bytes, from: 0)
    let passed = lineEnd.map { $0 + 1 } ?? buffer.count
    buffer.drop(passed)
    base += Int64(passed)
    end = base
    isPassingOver = lineEnd == nil
  }

  /// A record of any length may lie whole in a large buffer; whether it is too long must not hang
  /// on that.
  private mutating func markLong() {
    for index in pieces.indices
    where pieces[index].end - pieces[index].start > RecordBounds.longest {
      pieces[index].end = pieces[index].start + RecordBounds.keptOfLonger
      pieces[index].time = nil
      pieces[index].flaw = .tooLarge
    }
  }
}

/// Bytes read but not yet used, with eight more behind them that may be read.
private struct ByteBuffer: ~Copyable {
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    memory = .allocate(byteCount: capacity + 8, alignment: 8)
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }
  var room: Int { capacity - count }
  var free: UnsafeMutableRawPointer { memory + count }

  mutating func add(_ more: Int) { count += more }

  mutating func drop(_ first: Int) {
    guard first > 0 else { return }
    count -= first
    memmove(memory, memory + first, count)
  }

  mutating func grow() {
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2 + 8, alignment: 8)
    larger.copyMemory(from: memory, byteCount: count)
    memory.deallocate()
    memory = larger
    capacity *= 2
  }
}

import Glibc

/// Rows in the form of `COPY … (FORMAT binary)`, in one block of memory that grows.
///
/// The fields are plain memory behind a constant pointer, so that appending costs a store and a
/// `memcpy`: stored properties of a class would be checked for exclusive access each time. Not
/// `Sendable`: a buffer belongs to one task at a time, and `copyIn` only borrows it.
public final class CopyBuffer {
  @usableFromInline
  struct State {
    @usableFromInline var start: UnsafeMutableRawPointer
    @usableFromInline var end: UnsafeMutableRawPointer
    @usableFromInline var limit: UnsafeMutableRawPointer
    @usableFromInline var rows: Int
    /// Columns of the last row that are still to come.
    @usableFromInline var missing: Int
    @usableFromInline var isMalformed: Bool
  }

  @usableFromInline let state: UnsafeMutablePointer<State>
  private let initialCapacity: Int
  private let keptCapacity: Int

  /// An empty buffer; `reset` gives back memory beyond `keptCapacity` bytes.
  public init(capacity: Int = 1 << 20, keptCapacity: Int = 1 << 24) {
    initialCapacity = max(capacity, 1 << 10)
    self.keptCapacity = max(keptCapacity, initialCapacity)
    state = .allocate(capacity: 1)
    let start = Self.resize(nil, to: initialCapacity)
    state.initialize(
      to: State(
        start: start, end: start, limit: start + initialCapacity, rows: 0, missing: 0,
        isMalformed: false))
    writeHeader()
  }

  deinit {
    free(state.pointee.start)
    state.deallocate()
  }

  /// The bytes so far, the header among them.
  public var byteCount: Int { state.pointee.end - state.pointee.start }

  /// The rows so far.
  public var rowCount: Int { state.pointee.rows }

  /// Empties the buffer; its memory is kept up to the bound.
  public func reset() {
    if state.pointee.limit - state.pointee.start > keptCapacity {
      let start = Self.resize(state.pointee.start, to: initialCapacity)
      (state.pointee.start, state.pointee.limit) = (start, start + initialCapacity)
    }
    state.pointee.end = state.pointee.start
    (state.pointee.rows, state.pointee.missing, state.pointee.isMalformed) = (0, 0, false)
    writeHeader()
  }

  /// Whether each row has as many columns as it said: else later columns would take each other's
  /// place.
  var isWellFormed: Bool { !state.pointee.isMalformed && state.pointee.missing == 0 }

  /// What is to be sent before the trailer.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: state.pointee.start, count: byteCount)
  }

  /// Ends the data: a row of -1 columns.
  static let trailer: Int16 = -1

  /// The signature, no flags, no extension.
  private func writeHeader() {
    let header: [UInt8] = [
      0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
    ]
    UnsafeMutableRawBufferPointer(start: state.pointee.end, count: header.count)
      .copyBytes(from: header)
    state.pointee.end += header.count
  }

  @usableFromInline
  func grow(for count: Int) {
    let (start, used) = (state.pointee.start, byteCount)
    let capacity = max(2 * (state.pointee.limit - start), used + count)
    let moved = Self.resize(start, to: capacity)
    (state.pointee.start, state.pointee.end) = (moved, moved + used)
    state.pointee.limit = moved + capacity
  }

  private static func resize(
    _ pointer: UnsafeMutableRawPointer?, to capacity: Int
  ) -> UnsafeMutableRawPointer {
    // Like the standard library's containers: a program without memory cannot go on.
    guard let moved = realloc(pointer, capacity) else {
      fatalError("There is no memory left for a COPY.")
    }
    return moved
  }
}

extension CopyBuffer {
  /// Begins the next row; exactly `columns` values must follow.
  @inlinable
  public func beginRow(columns: Int16) {
    if state.pointee.missing != 0 { state.pointee.isMalformed = true }
    reserve(2)
    store(columns)
    state.pointee.missing = Int(columns)
    state.pointee.rows &+= 1
  }

  /// Appends NULL.
  @inlinable
  public func appendNull() {
    reserve(4)
    store(Int32(-1))
    state.pointee.missing &-= 1
  }

  /// Appends a `boolean`.
  @inlinable
  public func append(_ value: Bool) {
    reserve(5)
    store(Int32(1))
    store(Int8(value ? 1 : 0))
    state.pointee.missing &-= 1
  }

  /// Appends a `smallint`.
  @inlinable
  public func append(_ value: Int16) {
    reserve(6)
    store(Int32(2))
    store(value)
    state.pointee.missing &-= 1
  }

  /// Appends an `integer`.
  @inlinable
  public func append(_ value: Int32) {
    reserve(8)
    store(Int32(4))
    store(value)
    state.pointee.missing &-= 1
  }

  /// Appends a `bigint`.
  @inlinable
  public func append(_ value: Int64) {
    reserve(12)
    store(Int32(8))
    store(value)
    state.pointee.missing &-= 1
  }

  /// Appends a `bigint`, NULL for nil.
  @inlinable
  public func append(_ value: Int64?) {
    guard let value else { return appendNull() }
    append(value)
  }

  /// Appends an `integer`, NULL for nil.
  @inlinable
  public func append(_ value: Int32?) {
    guard let value else { return appendNull() }
    append(value)
  }

  /// Appends a `double precision`.
  @inlinable
  public func append(_ value: Double) {
    append(Int64(bitPattern: value.bitPattern))
  }

  /// Appends a `timestamptz` from microseconds since 1970; out of PostgreSQL's range it refuses it.
  @inlinable
  public func append(timestamp microseconds: Int64) {
    if microseconds == .max || microseconds == .min { return append(microseconds) }
    append(microseconds &- 946_684_800_000_000)
  }

  /// Appends a `uuid`.
  @inlinable
  public func append(_ value: PostgresUUID) {
    reserve(20)
    store(Int32(16))
    store(value.high)
    store(value.low)
    state.pointee.missing &-= 1
  }

  /// Appends bytes as they are: `bytea`, or UTF-8 without NUL for `text` and `json`.
  @inlinable
  public func append(_ start: UnsafeRawPointer, count: Int) {
    guard count >= 0, count < 1 << 30 else {
      state.pointee.isMalformed = true
      return
    }
    reserve(4 &+ count)
    store(Int32(truncatingIfNeeded: count))
    state.pointee.end.copyMemory(from: start, byteCount: count)
    state.pointee.end += count
    state.pointee.missing &-= 1
  }

  /// Appends bytes as they are; an empty buffer is an empty value, not NULL.
  @inlinable
  public func append(_ bytes: UnsafeRawBufferPointer) {
    append(bytes.baseAddress ?? UnsafeRawPointer(state.pointee.start), count: bytes.count)
  }

  /// Appends a `text`; it must not hold a NUL, which the server refuses.
  @inlinable
  public func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends a `text`, NULL for nil.
  @inlinable
  public func append(_ text: String?) {
    guard let text else { return appendNull() }
    append(text)
  }

  @inlinable
  func reserve(_ count: Int) {
    if state.pointee.limit - state.pointee.end < count { grow(for: count) }
  }

  @inlinable
  func store<Number: FixedWidthInteger>(_ number: Number) {
    state.pointee.end.storeBytes(of: number.bigEndian, as: Number.self)
    state.pointee.end += MemoryLayout<Number>.size
  }
}

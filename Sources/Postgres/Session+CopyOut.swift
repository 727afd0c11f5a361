import CLibPQ

extension Session {
  /// Begins a `COPY … TO STDOUT (FORMAT binary)`; until its last row was read, or the session is
  /// closed, the session does nothing else.
  func beginCopyOut(_ sql: String) throws(PostgresError) {
    try requireAlive()
    let exposure = Exposure(.work, isInTransaction: isInTransaction)
    guard PQsendQuery(handle, sql) == 1 else { throw lost(exposure) }
    guard let result = PQgetResult(handle) else { throw lost(exposure) }
    let status = PQresultStatus(result)
    guard status != PGRES_COPY_OUT else { return PQclear(result) }
    let failure = status == PGRES_FATAL_ERROR ? PostgresError(result: result) : Self.noCopyOut
    PQclear(result)
    try readResults(exposure)
    throw failure
  }

  /// Reads rows of one column until so many bytes are there, and writes `separator` behind each;
  /// true after the last row.
  ///
  /// What was not yet read waits at the server, so a slow reader costs no memory.
  func readCopyOut(
    upTo limit: Int, into bytes: inout [UInt8], separator: UInt8
  ) throws(PostgresError) -> Bool {
    let exposure = Exposure(.work, isInTransaction: isInTransaction)
    while bytes.count < limit {
      var message: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(handle, &message, 0)
      guard length > 0, let message else {
        // The end, or an error that the answer behind it tells.
        try readResults(exposure)
        guard length == -1 else { throw lost(exposure) }
        return true
      }
      defer { PQfreemem(message) }
      var row = CopyOutRow(UnsafeRawBufferPointer(start: message, count: Int(length)))
      guard let value = try row.value() else { continue }
      bytes.append(contentsOf: value)
      bytes.append(separator)
    }
    return false
  }

  private static let noCopyOut = PostgresError(
    .misuse, "The SQL is no COPY … TO STDOUT.", effect: .undone)
}

/// One message of a COPY in binary form: a row of one column, maybe behind the header of all.
struct CopyOutRow {
  private var rest: UnsafeRawBufferPointer

  init(_ message: UnsafeRawBufferPointer) {
    rest = message
  }

  /// The bytes of the column; nil for the trailer, which is no row.
  mutating func value() throws(PostgresError) -> UnsafeRawBufferPointer? {
    if rest.starts(with: Self.signature) {
      try drop(Self.signature.count + 4)
      // An extension that no server has yet.
      try drop(Int(try number(Int32.self)))
    }
    let columns = try number(Int16.self)
    if columns == -1 { return nil }
    guard columns == 1 else { throw Self.malformed("has \(columns) columns instead of one") }
    let length = Int(try number(Int32.self))
    guard length >= 0 else { throw Self.malformed("is NULL") }
    guard length == rest.count else { throw Self.malformed("is cut off") }
    return rest
  }

  private mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(PostgresError) -> Number {
    let size = MemoryLayout<Number>.size
    guard rest.count >= size else { throw Self.malformed("is cut off") }
    let value = Number(bigEndian: rest.loadUnaligned(as: Number.self))
    try drop(size)
    return value
  }

  private mutating func drop(_ count: Int) throws(PostgresError) {
    guard 0...rest.count ~= count else { throw Self.malformed("is cut off") }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }

  private static let signature: [UInt8] = [
    0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00,
  ]

  private static func malformed(_ what: String) -> PostgresError {
    PostgresError(.decoding, "A row of the COPY \(what).", effect: .undone)
  }
}

import CLibPQ

/// Reads the columns of one row from left to right; every column must be read.
public struct RowReader: ~Copyable {
  private let result: OpaquePointer
  private let row: Int32
  private let columns: Int32
  private let statement: String
  private var column: Int32 = 0

  init(result: OpaquePointer, row: Int32, statement: String) {
    self.result = result
    self.row = row
    self.statement = statement
    columns = PQnfields(result)
  }

  /// The next column; throws where its type or value does not fit, naming statement and column.
  public mutating func read<Value: PostgresDecodable>(
    _ type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    guard column < columns else { throw fault("has only \(columns) columns") }
    defer { column += 1 }
    do {
      guard PQgetisnull(result, row, column) == 0 else { return try Value.decodeNull() }
      return try Value.decode(field)
    } catch {
      throw fault(at: error)
    }
  }

  /// Goes past the next column without reading it.
  public mutating func skip() {
    column += 1
  }

  /// The error for a value that was read but makes no sense to the reader.
  public func fault(_ sentence: String) -> PostgresError {
    var error = PostgresError(.decoding, "row \(row + 1): \(sentence)", effect: .done)
    error.statement = statement
    return error
  }

  /// A column left over means that the statement and its reader no longer agree.
  consuming func finish() throws(PostgresError) {
    guard column != columns else { return }
    throw fault("has \(columns) columns, but \(column) were read")
  }

  private var field: Field {
    let length = Int(PQgetlength(result, row, column))
    return Field(
      type: PostgresType(oid: PQftype(result, column)), isText: PQfformat(result, column) == 0,
      bytes: UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: length))
  }

  private func fault(at fault: FieldFault) -> PostgresError {
    let name = PQfname(result, column).map { String(cString: $0) } ?? "?"
    return self.fault("column \(column + 1) (\(name)) \(fault.sentence)")
  }
}

import CLibPQ

/// The answer to one command, owned; freed with its last reference.
///
/// `@unchecked Sendable`: libpq never changes a result once it has handed it out, so no lock or
/// queue is needed to read one from anywhere.
final class QueryResult: @unchecked Sendable {
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQclear(pointer)
  }

  /// How many rows the command wrote or returned; 0 where that makes no sense.
  var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

  /// The command that was done, as the server calls it: say `INSERT 0 1`.
  var command: String { String(cString: PQcmdStatus(pointer)) }

  /// Decodes every row, in order.
  func rows<Row>(
    of statement: String, _ decode: (inout RowReader) throws -> Row
  ) throws(PostgresError) -> [Row] {
    var rows: [Row] = []
    let count = PQntuples(pointer)
    rows.reserveCapacity(Int(count))
    for row in 0..<count {
      var reader = RowReader(result: pointer, row: row, statement: statement)
      do {
        rows.append(try decode(&reader))
      } catch let error as PostgresError {
        throw error
      } catch {
        throw reader.fault("the row does not make a value: \(type(of: error))")
      }
      try reader.finish()
    }
    return rows
  }
}

/// One SQL statement as a value: its name, its text with `$n`, its parameters and its rows.
///
/// Each connection prepares it once, under its name; the text begins with the name as a comment, so
/// that `pg_stat_statements` and the server's log tell statements apart.
public struct Statement<Input, Row>: Sendable {
  /// The name, unique in the program, at most 48 bytes.
  public let name: String
  /// The text that the server gets.
  public let sql: String
  /// The types of the parameters; empty where the closure that writes them decides.
  let parameterTypes: [PostgresType]
  let encode: @Sendable (Input, inout Parameters) throws -> Void
  let decode: @Sendable (inout RowReader) throws -> Row

  /// A statement whose parameters and rows are written and read by closures.
  public init(
    _ name: String, _ sql: String,
    parameters encode: @escaping @Sendable (Input, inout Parameters) throws -> Void,
    row decode: @escaping @Sendable (inout RowReader) throws -> Row
  ) {
    self.init(name, sql, types: [], parameters: encode, row: decode)
  }

  private init(
    _ name: String, _ sql: String, types: [PostgresType],
    parameters encode: @escaping @Sendable (Input, inout Parameters) throws -> Void,
    row decode: @escaping @Sendable (inout RowReader) throws -> Row
  ) {
    precondition(name.utf8.count <= 48, "longer names than 63 bytes are cut off by the server")
    self.name = name
    self.sql = "/* \(name) */ \(sql)"
    parameterTypes = types
    self.encode = encode
    self.decode = decode
  }

  /// A statement whose parameters are a tuple, or one value, and whose rows are read by a closure.
  public init<each Parameter: PostgresEncodable>(
    _ name: String, _ sql: String, row decode: @escaping @Sendable (inout RowReader) throws -> Row
  ) where Input == (repeat each Parameter) {
    var types: [PostgresType] = []
    for type in repeat (each Parameter).self { types.append(type.postgresType) }
    self.init(
      name, sql, types: types,
      parameters: { input, parameters in
        for value in repeat each input { try parameters.append(value) }
      }, row: decode)
  }

  /// A statement whose parameters and rows are tuples, or one value each; `Void` for none.
  public init<each Parameter: PostgresEncodable, each Column: PostgresDecodable>(
    _ name: String, _ sql: String
  ) where Input == (repeat each Parameter), Row == (repeat each Column) {
    self.init(name, sql) { row in (repeat try row.read((each Column).self)) }
  }

  /// A statement whose parameters are written by a closure and whose rows are tuples.
  public init<each Column: PostgresDecodable>(
    _ name: String, _ sql: String,
    parameters encode: @escaping @Sendable (Input, inout Parameters) throws -> Void
  ) where Row == (repeat each Column) {
    self.init(name, sql, parameters: encode) { row in (repeat try row.read((each Column).self)) }
  }

  /// The parameters of one call; an error names the statement.
  func parameters(_ input: Input) throws(PostgresError) -> Parameters {
    var parameters = Parameters()
    do {
      try encode(input, &parameters)
    } catch let error as PostgresError {
      var error = error
      error.statement = name
      throw error
    } catch {
      throw PostgresError(.encoding, "\(name): no parameters from the input: \(type(of: error))")
    }
    return parameters
  }
}

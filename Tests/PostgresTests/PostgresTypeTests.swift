import Testing

@testable import Postgres

@Suite struct PostgresTypeTests {
  @Test("the types are those of the server's catalogue, their arrays and elements too")
  func catalogue() async throws {
    let types: [PostgresType] = [
      .bool, .bytea, .int2, .int4, .int8, .text, .float4, .float8, .timestamptz, .uuid, .name,
      .json, .jsonb, .oid, .varchar,
    ]
    let names = Statement<[Int64], (Int64, String, Int64)>(
      "type_names",
      "SELECT oid::bigint, typname, typarray::bigint FROM pg_type WHERE oid = ANY ($1)")
    let connection = try await TestServer.shared().connect()
    let rows = try await connection.query(names, types.map { Int64($0.oid) })
    #expect(rows.count == types.count)
    for (oid, name, array) in rows {
      let type = PostgresType(oid: UInt32(oid))
      #expect(type.description == name.replacing("bpchar", with: "char"))
      if type != .float4 {
        #expect(PostgresType.element(of: PostgresType(oid: UInt32(array))) == type)
      }
    }
    await connection.close()
  }
}

import Postgres
import Testing

@Suite struct PostgresCodableTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private enum Grade: String, PostgresCodable, PostgresArrayElement {
    case good, poor
  }

  /// Sends values as parameters and reads them back, from binary and from text form.
  private func roundTrip<Value: PostgresCodable & Equatable & Sendable>(
    _ values: [Value], _ type: String
  ) async throws {
    let echo = Statement<Value, Value>("echo_\(type)", "SELECT $1::\(type)")
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE kept (value \(type))")
      let keep = Statement<Value, Void>("keep", "INSERT INTO kept VALUES ($1)")
      for value in values {
        #expect(try await connection.query(echo, value) == [value])
        #expect(try await connection.execute(keep, value) == 1)
        #expect(try await connection.value("SELECT value FROM kept") == value)
        try await connection.execute("TRUNCATE kept")
      }
    }
  }

  @Test("integers go both ways, from their lowest to their highest value")
  func integers() async throws {
    try await roundTrip([Int16.min, -1, 0, 1, .max], "int2")
    try await roundTrip([Int32.min, -1, 0, 1, .max], "int4")
    try await roundTrip([Int64.min, -1, 0, 1, .max], "int8")
    try await roundTrip([Int.min, 0, .max], "int8")
    try await roundTrip([Int64?.none, 1], "int8")
  }

  @Test("booleans and floating numbers go both ways")
  func booleansAndFloats() async throws {
    try await roundTrip([true, false], "bool")
    try await roundTrip(
      [0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity],
      "float8")
    let isNaN = Statement<Double, (Double, Bool)>("nan", "SELECT $1, $1 = 'NaN'")
    try await server.withConnection { connection in
      let row = try #require(try await connection.first(isNaN, .nan))
      #expect(row.0.isNaN && row.1)
    }
  }

  @Test("text goes both ways, whatever its characters")
  func texts() async throws {
    try await roundTrip(["", "a", "ä€😀", "'\"\\\n\t{},NULL", "\u{1}\u{7F}"], "text")
    try await roundTrip([String(repeating: "x", count: 3_000_000)], "text")
    try await roundTrip([Grade.good, .poor], "text")
  }

  @Test("bytes go both ways, zeros among them")
  func bytes() async throws {
    try await roundTrip([[], [0], [0, 255, 92, 39], (0...255).map { UInt8($0) }], "bytea")
    try await roundTrip([[UInt8]?.none, [7]], "bytea")
  }

  @Test("times are microseconds since 1970, to PostgreSQL's first and last")
  func timestamps() async throws {
    let values: [Int64] = [
      0, 1, -1, 946_684_800_000_000, 1_709_251_199_999_999, .max, .min,
      -210_866_803_200_000_000, .max - 1,
    ]
    try await roundTrip(values.map { Timestamp(microseconds: $0) }, "timestamptz")
    try await server.withConnection { connection async throws in
      for (text, microseconds) in [
        ("1970-01-01 00:00:00+00", 0), ("2024-02-29 12:34:56.000001-03:30", 1_709_222_696_000_001),
        ("0001-12-31 23:59:59.9 BC", -62_135_596_800_100_000), ("infinity", Int64.max),
        ("294247-01-10 04:00:54.775806", .max - 1),
      ] as [(String, Int64)] {
        let read = Statement<Void, Timestamp>(
          "read_\(microseconds)", "SELECT '\(text)'::timestamptz")
        #expect(try await connection.query(read) == [Timestamp(microseconds: microseconds)])
        #expect(
          try await connection.value("SELECT '\(text)'::timestamptz", Timestamp.self).microseconds
            == microseconds)
      }
    }
  }

  @Test("PostgreSQL's last thirty years do not fit, and are refused rather than wrapped")
  func lastYears() async throws {
    let sql = "SELECT '294276-12-31 23:59:59.999999'::timestamptz"
    let last = Statement<Void, Timestamp>("last", sql)
    try await server.withConnection { connection in
      let binary = try await failure { _ = try await connection.query(last) }
      #expect(binary.code == .decoding)
      let text = try await failure { _ = try await connection.value(sql, Timestamp.self) }
      #expect(text.code == .decoding)
    }
  }

  @Test("identifiers of 128 bits go both ways")
  func uuids() async throws {
    try await roundTrip(
      [
        PostgresUUID(high: 0, low: 0), PostgresUUID(high: .max, low: .max),
        PostgresUUID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210),
      ], "uuid")
    let text = "01234567-89ab-cdef-fedc-ba9876543210"
    #expect(PostgresUUID(text)?.description == text)
    #expect(PostgresUUID("01234567-89ab-cdef-fedc-ba987654321") == nil)
    #expect(PostgresUUID("0123456789abcdeffedcba987654321g") == nil)
  }

  @Test("arrays go both ways, with NULL elements, empty ones and hard text")
  func arrays() async throws {
    try await roundTrip([[], [Int32.min, 0, .max]], "int4[]")
    try await roundTrip([[], [Int64.min, 0, .max], [Int64](0..<10_000)], "int8[]")
    try await roundTrip([[Int64?.none, 1, nil]], "int8[]")
    try await roundTrip([[], [true, nil, false]] as [[Bool?]], "bool[]")
    try await roundTrip(
      [[], ["", "NULL", nil, "null", "a,b", "{}", "\"\\", " ", "ä\n"]] as [[String?]], "text[]")
    try await roundTrip([[], [[], [0, 255], nil]] as [[[UInt8]?]], "bytea[]")
    try await roundTrip(
      [[Timestamp(microseconds: -1), nil, .infinity, .minusInfinity]] as [[Timestamp?]],
      "timestamptz[]")
    try await roundTrip([[PostgresUUID(high: 1, low: 2), nil]] as [[PostgresUUID?]], "uuid[]")
    try await roundTrip([[0.5, nil, -.infinity]] as [[Double?]], "float8[]")
    try await roundTrip([[Grade.good, .poor]], "text[]")
  }

  @Test("a narrower column is read into a wider type, and JSON and names as text")
  func widening() async throws {
    let statement = Statement<Void, (Int64, Int, Int64, Double, String, String, [Int64])>(
      "widen",
      """
      SELECT 1::int2, 2::int4, 3::oid, 0.5::float4, '{"a": 1.10}'::jsonb, 'n'::name,
        array[1, 2]::int4[]
      """)
    try await server.withConnection { connection in
      let row = try #require(try await connection.query(statement).first)
      #expect((row.0, row.1, row.2, row.3) == (1, 2, 3, 0.5))
      #expect((row.4, row.5, row.6) == (#"{"a": 1.10}"#, "n", [1, 2]))
    }
  }

  @Test("a number as text reaches numeric and jsonb digit for digit")
  func numericAsText() async throws {
    let statement = Statement<(String, String), (String, String)>(
      "exact", "SELECT $1::text::numeric::text, $2::text::jsonb ->> 'n'")
    let number = "12345678901234567890.123456789012345678900"
    try await server.withConnection { connection in
      let row = try #require(
        try await connection.first(statement, (number, #"{"n": \#(number)}"#)))
      #expect(row == (number, number))
    }
  }
}

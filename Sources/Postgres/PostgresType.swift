/// A type of PostgreSQL by its object identifier.
public struct PostgresType: Hashable, Sendable {
  /// The identifier in the catalogue `pg_type`.
  public let oid: UInt32

  /// A type from its identifier.
  public init(oid: UInt32) {
    self.oid = oid
  }

  /// The type `boolean`.
  public static let bool = PostgresType(oid: 16)
  /// The type `bytea`.
  public static let bytea = PostgresType(oid: 17)
  /// The type `bigint`.
  public static let int8 = PostgresType(oid: 20)
  /// The type `smallint`.
  public static let int2 = PostgresType(oid: 21)
  /// The type `integer`.
  public static let int4 = PostgresType(oid: 23)
  /// The type `text`.
  public static let text = PostgresType(oid: 25)
  /// The type `double precision`.
  public static let float8 = PostgresType(oid: 701)
  /// The type `timestamp with time zone`.
  public static let timestamptz = PostgresType(oid: 1184)
  /// The type `uuid`.
  public static let uuid = PostgresType(oid: 2950)
  /// The type `boolean[]`.
  public static let boolArray = PostgresType(oid: 1000)
  /// The type `bytea[]`.
  public static let byteaArray = PostgresType(oid: 1001)
  /// The type `smallint[]`.
  public static let int2Array = PostgresType(oid: 1005)
  /// The type `integer[]`.
  public static let int4Array = PostgresType(oid: 1007)
  /// The type `text[]`.
  public static let textArray = PostgresType(oid: 1009)
  /// The type `bigint[]`.
  public static let int8Array = PostgresType(oid: 1016)
  /// The type `double precision[]`.
  public static let float8Array = PostgresType(oid: 1022)
  /// The type `timestamp with time zone[]`.
  public static let timestamptzArray = PostgresType(oid: 1185)
  /// The type `uuid[]`.
  public static let uuidArray = PostgresType(oid: 2951)

  static let name = PostgresType(oid: 19)
  static let oid = PostgresType(oid: 26)
  static let json = PostgresType(oid: 114)
  static let xml = PostgresType(oid: 142)
  static let float4 = PostgresType(oid: 700)
  static let unknown = PostgresType(oid: 705)
  static let bpchar = PostgresType(oid: 1042)
  static let varchar = PostgresType(oid: 1043)
  static let jsonb = PostgresType(oid: 3802)
}

extension PostgresType: CustomStringConvertible {
  /// The name of the type, or its identifier where this room does not know it.
  public var description: String { Self.names[self] ?? "type \(oid)" }

  private static let names: [PostgresType: String] = [
    bool: "bool", bytea: "bytea", int8: "int8", int2: "int2", int4: "int4", text: "text",
    float8: "float8", timestamptz: "timestamptz", uuid: "uuid", boolArray: "bool[]",
    byteaArray: "bytea[]", int2Array: "int2[]", int4Array: "int4[]", textArray: "text[]",
    int8Array: "int8[]", float8Array: "float8[]", timestamptzArray: "timestamptz[]",
    uuidArray: "uuid[]", name: "name", oid: "oid", json: "json", xml: "xml", float4: "float4",
    unknown: "unknown", bpchar: "char", varchar: "varchar", jsonb: "jsonb",
    PostgresType(oid: 1700): "numeric", PostgresType(oid: 1082): "date",
    PostgresType(oid: 1114): "timestamp", PostgresType(oid: 1186): "interval",
    PostgresType(oid: 2278): "void",
  ]
}

extension PostgresType {
  /// The type of an array's elements; nil for what is no array that this room reads.
  static func element(of array: PostgresType) -> PostgresType? { elements[array] }

  private static let elements: [PostgresType: PostgresType] = [
    boolArray: bool, byteaArray: bytea, int2Array: int2, int4Array: int4, int8Array: int8,
    textArray: text, float8Array: float8, timestamptzArray: timestamptz, uuidArray: uuid,
    PostgresType(oid: 1003): name, PostgresType(oid: 1015): varchar, PostgresType(oid: 199): json,
    PostgresType(oid: 3807): jsonb, PostgresType(oid: 1028): oid,
  ]
}

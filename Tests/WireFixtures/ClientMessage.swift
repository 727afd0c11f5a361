/// A message of PostgreSQL's protocol on its way from a client to the server.
public struct ClientMessage: Sendable {
  /// Its type; 0 for the first of a connection, which has none.
  public let type: UInt8
  /// All of it, as it goes over the wire.
  let bytes: [UInt8]
  /// The beginning of the last simple query of its connection, this message included.
  public internal(set) var query = ""

  /// What follows type and length.
  public var body: ArraySlice<UInt8> { bytes.dropFirst(type == 0 ? 4 : 5) }

  /// The prepared statement that a Bind names, behind the name of its portal; empty in others.
  public var statement: String {
    guard type == UInt8(ascii: "B") else { return "" }
    let names = body.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
    return names.count > 1 ? String(decoding: names[1], as: UTF8.self) : ""
  }
}

/// What a program asks of the guard: `CONNECT host:port`.
struct EgressRequest: Hashable, Sendable {
  /// The longest head, in bytes.
  static let limit = 8_192

  /// A name or address, without brackets and without a dot at its end.
  let host: String
  let port: UInt16
  /// What `Proxy-Authorization` says; nil where it is missing.
  let authorization: String?

  /// The request of a whole head; nil for any other.
  init?(_ head: String) {
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3, words[0] == "CONNECT", words[2].hasPrefix("HTTP/1."),
      let colon = words[1].lastIndex(of: ":"),
      let port = UInt16(words[1][words[1].index(after: colon)...]), port > 0
    else { return nil }
    var host = words[1][..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    if host.hasSuffix(".") { host = host.dropLast() }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.host = String(host)
    self.port = port
    authorization =
      lines.lazy.compactMap { line -> String? in
        guard let colon = line.firstIndex(of: ":"),
          line[..<colon].lowercased() == "proxy-authorization"
        else { return nil }
        return String(line[line.index(after: colon)...].drop { $0 == " " })
      }.first
  }
}

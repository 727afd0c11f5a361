import Outbound

/// Where a program may connect to.
struct EgressRule: Sendable {
  /// Hosts as `api.shop.example`, `*.shop.example` or `db.shop.example:5432`; none for every public
  /// host by HTTPS.
  let hosts: [String]
  /// Why an address must not be connected to; nil where it may be.
  let refusal: @Sendable ([UInt8]) -> String?

  init(
    hosts: [String],
    refusal: @escaping @Sendable ([UInt8]) -> String? = { PublicAddress.refusal(of: $0) }
  ) {
    self.hosts = hosts
    self.refusal = refusal
  }

  /// Whether the host may be asked for at all, before its name is resolved.
  func allows(_ host: String, port: UInt16) -> Bool {
    guard !hosts.isEmpty else { return port == 443 }
    let name = host.lowercased()
    return hosts.contains { pattern in
      let parts = pattern.lowercased().split(separator: ":", maxSplits: 1).map(String.init)
      guard let wanted = parts.first, port == (parts.count > 1 ? UInt16(parts[1]) : 443) else {
        return false
      }
      return wanted.hasPrefix("*.") ? name.hasSuffix(wanted.dropFirst()) : name == wanted
    }
  }
}

/// Where a secret is found; never the secret itself.
public enum SecretReference: Hashable, Sendable {
  /// A variable of the environment: `env:NAME`.
  case environment(String)
  /// The content of a file, by its path from the root: `file:/path`.
  case file(String)

  /// The reference that a text writes.
  ///
  /// Another text is refused as a secret that stands in the open, and not repeated in the refusal.
  public init(_ text: String) throws(InputFault) {
    if text.hasPrefix("env:") {
      let name = String(text.dropFirst(4))
      guard Self.isVariable(name) else { throw .badSecretReference(text) }
      self = .environment(name)
    } else if text.hasPrefix("file:") {
      let path = String(text.dropFirst(5))
      guard Self.isPath(path) else { throw .badSecretReference(text) }
      self = .file(path)
    } else {
      throw .literalSecret
    }
  }

  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57 ~= first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  private static func isPath(_ path: String) -> Bool {
    path.hasPrefix("/") && path.utf8.count > 1 && path.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }
}

extension SecretReference: CustomStringConvertible {
  /// The reference as it is written.
  public var description: String {
    switch self {
    case .environment(let name): "env:\(name)"
    case .file(let path): "file:\(path)"
    }
  }
}

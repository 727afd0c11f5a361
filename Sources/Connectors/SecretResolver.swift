public import Domain
import Glibc

/// Finds the secrets that references lead to.
public struct SecretResolver: Sendable {
  private let environment: [String: String]

  /// A resolver over these variables and the files of this machine.
  public init(environment: [String: String]) {
    self.environment = environment
  }

  /// The secret, less the line end of a file; throws `misconfigured` where there is none.
  ///
  /// The failure names the reference, never what was found.
  public func resolve(_ reference: SecretReference) throws(SourceFailure) -> String {
    let secret: String
    switch reference {
    case .environment(let name) where name == "DATABASE_URL" || name.hasPrefix("PG"):
      throw SourceFailure(
        .misconfigured, "The variable \(name) belongs to this program; no source gets it.")
    case .environment(let name):
      guard let value = environment[name] else {
        throw SourceFailure(.misconfigured, "The variable \(name) is not set; it holds a secret.")
      }
      secret = value
    case .file(let path):
      secret = try content(of: path)
    }
    guard !secret.isEmpty, secret.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw SourceFailure(
        .misconfigured, "The secret \(reference) is empty or holds a control character.")
    }
    return secret
  }

  private func content(of path: String) throws(SourceFailure) -> String {
    let bytes: [UInt8]
    do throws(FileFault) {
      bytes = try OpenFile(path).head(64 << 10)
    } catch {
      throw SourceFailure(.misconfigured, "The secret file:\(path) cannot be read.")
    }
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw SourceFailure(.misconfigured, "The secret file:\(path) is not text.")
    }
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}

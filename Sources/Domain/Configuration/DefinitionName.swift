import JSON

/// The names of sources, streams, manifests, measures and subscriptions.
///
/// They stand in commands, addresses and keys, so they are plain: `[a-z][a-z0-9_]{0,62}`.
public enum DefinitionName {
  /// The longest name, in characters.
  public static let longest = 63

  /// Whether the text can be a name.
  public static func isSound(_ name: some StringProtocol) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= longest else { return false }
    return isLetter(first) && name.utf8.allSatisfy { isLetter($0) || isOther($0) }
  }

  /// Whether the text is the full name of a stream: `source.stream`.
  public static func isStream(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { isSound($0) }
  }

  /// Notes a fault of the object that the name stands for, where it cannot be a name.
  static func check(_ name: String, reader: ObjectReader) {
    guard !isSound(name) else { return }
    reader.faults.add(path: reader.path, fault(name))
  }

  /// What is said of a text that cannot be a name.
  static func fault(_ name: String) -> String {
    """
    \(Wording.quoted(name)) cannot be a name; a name begins with a letter a to z, goes on with \
    letters, digits and _, and has at most \(longest) characters
    """
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
  }

  private static func isOther(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
  }
}

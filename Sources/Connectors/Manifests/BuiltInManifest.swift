import JSON

/// A manifest that comes with the program.
struct BuiltInManifest {
  /// The name by which sources name it as their connector.
  let name: String
  /// What it reads, in a few words.
  let summary: String
  /// How far it was proved.
  let standing: ConnectorStanding
  /// The manifest itself.
  let manifest: JSONValue

  init(
    _ name: String, _ summary: String, _ standing: ConnectorStanding = .declared, _ json5: String
  ) {
    self.name = name
    self.summary = summary
    self.standing = standing
    do throws(JSONError) {
      manifest = try JSONValue.parse(json5, dialect: .json5)
    } catch {
      // The text is part of the program: only who changed it can have broken it, and the first
      // test shows it.
      fatalError("The manifest \(name) cannot be read: \(error)")
    }
  }
}

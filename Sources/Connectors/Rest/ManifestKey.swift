/// A key of a manifest, as its writers need to know it.
public struct ManifestKey: Sendable {
  /// Where it stands.
  public enum Place: String, Sendable {
    /// In the source, for all its streams.
    case source
    /// In a stream.
    case stream
  }

  /// Where it stands.
  public let place: Place
  /// Its path there, such as `window.mode`; `[]` stands for every element of a list.
  public let path: String
  /// What it is, in a word or by its choices; with its unit, where it has one.
  public let form: String
  /// What is taken where it is not given; nil where it must be.
  public let standard: String?
  /// What it means.
  public let meaning: String
  /// A part of a source or stream that uses it.
  public let example: String

  init(
    _ place: Place, _ path: String, _ form: String, default standard: String?, _ meaning: String,
    _ example: String
  ) {
    self.place = place
    self.path = path
    self.form = form
    self.standard = standard
    self.meaning = meaning
    self.example = example
  }
}

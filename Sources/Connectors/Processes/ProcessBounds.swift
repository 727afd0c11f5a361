import Domain
import JSON

/// How a program is told the window: the keys of its configuration, and how times are written there.
///
/// What it gives beyond the window is left out record by record, so that more may be asked for.
struct ProcessBounds: Hashable, Sendable {
  /// Where the beginning goes.
  var from: JSONPath
  /// Where the end goes; nil where the program takes none.
  var to: JSONPath?
  /// How times are written.
  var wire: WireBounds
  /// How much is asked for beyond the window on either side, in microseconds.
  var margin: Int64

  /// The configuration for a window.
  func setting(_ window: Window, in config: JSONObject) -> JSONObject {
    let wide = Window(
      from: window.from.adding(microseconds: -margin), to: window.to.adding(microseconds: margin))
    let texts = wire.texts(of: wide)
    var set = config.setting(from, to: value(texts.from))
    if let to { set = set.setting(to, to: value(texts.to)) }
    return set
  }

  private func value(_ text: String) -> JSONValue {
    switch wire.format {
    case .named(.epochSeconds), .named(.epochMilliseconds): .number(text)
    default: .string(text)
    }
  }
}

extension JSONObject {
  /// The same object with a value at a path; what stands in its way is replaced by objects.
  func setting(_ path: JSONPath, to value: JSONValue) -> JSONObject {
    guard let key = path.keys.first else { return self }
    var changed = self
    let rest = JSONPath(keys: Array(path.keys.dropFirst()))
    changed[key] =
      rest.keys.isEmpty
      ? value : .object((self[key]?.object ?? JSONObject()).setting(rest, to: value))
    return changed
  }
}

import JSON

/// Where a program is to go on: the state that it said last, or its beginning.
///
/// Kept as `{"state":…}`, with the state as the program wrote it, or `{}`.
struct ProcessCursor: Hashable, Sendable {
  private static let opening = "{\"state\":"

  /// The state, as JSON; nil for the beginning.
  let state: String?

  init(state: String?) {
    self.state = state
  }

  /// The cursor of a checkpoint; nil for a text that is none.
  init?(_ text: String) {
    if text == "{}" {
      state = nil
    } else if text.hasPrefix(Self.opening), text.hasSuffix("}") {
      state = String(text.dropFirst(Self.opening.count).dropLast())
    } else {
      return nil
    }
  }

  /// As it is kept.
  var text: String { state.map { "\(Self.opening)\($0)}" } ?? "{}" }
}

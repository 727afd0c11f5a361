import Domain
import JSON

/// One stream of a source that a program reads.
struct ProcessStream: Hashable, Sendable {
  /// How the program shows that it has read all of it.
  enum Ending: String, CaseIterable, Sendable {
    /// By a word behind its last record: STATE (Singer), the stream status COMPLETE (Airbyte).
    case marked
    /// By ending with code 0 and nothing else: for older programs that have no such word.
    case exit
  }

  /// How a Singer tap is told which stream is wanted.
  enum Selection: String, CaseIterable, Sendable {
    /// By the catalogue that it gave, handed back with `--catalog`.
    case catalog
    /// The same with `--properties`, as older taps want it.
    case properties
    /// Not at all: it has no catalogue, and what it sends of other streams is left out.
    case none
  }

  /// How an Airbyte source reads.
  enum Mode: String, CaseIterable, Sendable {
    case incremental
    case fullRefresh = "full_refresh"
  }

  /// The stream's name in the program's catalogue.
  var name: String
  /// Its namespace there (Airbyte); nil for none.
  var namespace: String?
  /// How the program is told the window; nil where it cannot be told.
  var bounds: ProcessBounds?
  /// How the program shows that it has read all of it.
  var ending: Ending
  /// How a Singer tap is told which stream is wanted.
  var selection: Selection
  /// How an Airbyte source reads; nil for incremental where it can.
  var mode: Mode?
  /// The field that an Airbyte source goes by; nil for its own choice.
  var cursorField: [String]?

  /// Whether each partition has a process of its own.
  ///
  /// A program that takes no end would read from every partition's beginning to today.
  var takesBothBounds: Bool { bounds?.to != nil }
}

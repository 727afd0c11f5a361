import Domain
import JSON

/// A source that a program reads: which one, how it is set up, and what it may use.
struct ProcessSource: Hashable, Sendable {
  /// The protocol that the program speaks.
  enum Dialect: String, CaseIterable, Sendable {
    case singer, airbyte
  }

  /// A part of the configuration that is looked up when it is needed.
  struct Secret: Hashable, Sendable {
    /// Where in the configuration it belongs.
    var path: JSONPath
    /// Where it is found.
    var reference: SecretReference
  }

  /// How far the program reaches into the network.
  enum Network: String, CaseIterable, Sendable {
    /// To public hosts by HTTPS, or to those that are named, through the egress guard.
    case guarded
    /// Nowhere.
    case none
    /// Wherever this machine reaches.
    case open
  }

  /// Whether the program is put into a sandbox of bubblewrap.
  enum Sandbox: String, CaseIterable, Sendable {
    /// Where bubblewrap works.
    case preferred
    /// Or not at all.
    case required
    /// Never.
    case off
  }

  /// The protocol that the program speaks.
  var dialect: Dialect
  /// The program by its absolute path, and the arguments that always come first.
  var command: [String]
  /// The configuration that the program is given, without its secrets.
  var config: JSONObject
  /// The secrets that are put into the configuration.
  var secrets: [Secret]
  /// The variables that the program sees beside the usual few.
  var environment: [String: String]
  /// As whom the program runs; nil for nobody where this process is root, else for ourselves.
  var user: String?
  /// How far the program reaches into the network.
  var network: Network
  /// The hosts that the guard lets through; none for every public host.
  var hosts: [String]
  /// Whether the program is put into a sandbox.
  var sandbox: Sandbox
  /// What the program can read in its sandbox beside the system and its own folder.
  var folders: [String]
  /// What the program may use.
  var limits: ProcessLimits
}

/// What a program may use; a program that uses more ends, and its attempt has failed.
struct ProcessLimits: Hashable, Sendable {
  /// Megabytes of address space, for each of its processes.
  var memoryMegabytes = 4_096
  /// Processes and threads, of all programs of its user together; as root it is not bound.
  var processes = 1_024
  /// Files that each of its processes may have open.
  var openFiles = 1_024
  /// Megabytes of any one file that it writes.
  var fileMegabytes = 1_024
  /// Seconds without a word on either output.
  var idleSeconds = 600
  /// Seconds for one partition.
  var wholeSeconds = 43_200
  /// Seconds between being asked to end and being killed.
  var graceSeconds = 10

  /// The longest line, in bytes: a record and what stands around it.
  static let lineBytes = RecordScanner.recordLimit + (64 << 10)
  /// The largest state, in bytes: it is kept with every batch.
  static let stateBytes = 4 << 20
  /// The most that is read of a catalogue, in bytes.
  static let catalogueBytes = 64 << 20
}

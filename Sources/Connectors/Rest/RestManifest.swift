import Domain
import JSON
import Outbound

/// How an API is asked, for all its streams.
struct RestManifest: Hashable, Sendable {
  /// What all paths are appended to.
  var base: URLReference
  /// Headers of every request; none of them is secret.
  var headers: [Header]
  /// How the source is shown who asks.
  var authentication: Authentication
  /// The bounds on every request and every partition.
  var limits: RestLimits
  /// What answers mean, in the order in which it is looked.
  var errors: [ErrorRule]

  /// A header.
  struct Header: Hashable, Sendable {
    var name: String
    var value: String
  }
}

/// The bounds on every request of a source, and on every partition.
struct RestLimits: Hashable, Sendable {
  /// Seconds until a connection must stand.
  var connectSeconds = 10
  /// Seconds until the first byte of an answer must have come.
  var firstByteSeconds = 30
  /// Seconds that may pass between two pieces of an answer.
  var idleSeconds = 15
  /// Seconds until an answer must be whole.
  var wholeSeconds = 120
  /// Bytes of a page, unpacked.
  var pageBytes = 64 << 20
  /// Pages of a partition: a source that gives more is taken to have no end.
  var pages = 100_000

  /// The bounds as the client takes them.
  var outbound: OutboundLimits {
    var limits = OutboundLimits()
    limits.connect = .seconds(connectSeconds)
    limits.head = .seconds(firstByteSeconds)
    limits.idle = .seconds(idleSeconds)
    limits.whole = .seconds(wholeSeconds)
    limits.wireBytes = pageBytes
    limits.unpackedBytes = pageBytes
    return limits
  }
}

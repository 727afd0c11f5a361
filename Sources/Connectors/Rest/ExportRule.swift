import Domain
import JSON
import Outbound

/// How a source is made to write an export: it is asked for a job, asked how the job stands, and
/// gives files when it is done.
struct ExportRule: Hashable, Sendable {
  /// The request that begins a job.
  var create: RestStream { steps[0] }
  /// The request that asks how it stands.
  var poll: RestStream { steps[1] }
  /// The request that ends a job that takes too long; nil where there is none.
  var cancel: RestStream? { steps.count > 2 ? steps[2] : nil }

  private var steps: [RestStream]
  /// Where the answer to the first says which job it is.
  var job: JSONPath
  /// Where the answer to the second says how the job stands.
  var state: JSONPath
  /// The states in which there are files.
  var done: [String]
  /// The states in which there will be none.
  var failed: [String]
  /// Where the answer to the second names the files' addresses.
  var files: BodyPath
  /// Hosts besides the source's own from which files are read; nobody is told there who asks.
  var hosts: [String]
  /// Microseconds between two questions.
  var interval: Int64
  /// Microseconds until a job must be done.
  var timeout: Int64

  /// How a definition says it; `read` reads one of its requests.
  init(_ reader: ObjectReader, read: (ObjectReader) -> RestStream) {
    let create = reader.object("create")
    let poll = reader.object("poll")
    steps = [read(create), read(poll)] + (reader.optionalObject("cancel").map { [read($0)] } ?? [])
    job = JSONPath(create.string("job"))
    state = JSONPath(poll.string("state"))
    done = poll.strings("done")
    failed = poll.optionalStrings("failed") ?? []
    files = BodyPath(poll.string("files"))
    hosts = reader.optionalStrings("hosts") ?? []
    interval = reader.optionalDuration("interval") ?? 5_000_000
    timeout = reader.optionalDuration("timeout") ?? 3_600_000_000
    if interval > 60_000_000 || interval == 0 {
      reader.fault("interval", "expected interval to be at most 60s, and more than nothing")
    }
  }

  /// Whether files may be read from an address: from the source's own host, and by https from those
  /// that are named.
  func allows(_ url: URLReference, base: URLReference) -> Bool {
    if base.mayLead(to: url) { return true }
    guard url.scheme == "https" || base.scheme == "http" else { return false }
    return hosts.contains { pattern in
      pattern.hasPrefix("*.") ? url.host.hasSuffix(pattern.dropFirst()) : url.host == pattern
    }
  }
}

/// A job that makes an export, as a checkpoint keeps it: another attempt goes on asking for it.
struct ExportJob: Hashable, Sendable {
  /// The source's name for it.
  var id: String
  /// When it was begun.
  var since: Instant
  /// How many of its files were read.
  var files = 0

  init(id: String, since: Instant) {
    self.id = id
    self.since = since
  }

  init?(json: JSONValue) {
    guard let id = json["id"]?.string, let since = json["since"]?.int,
      let files = json["files"]?.int
    else { return nil }
    self.id = id
    self.since = Instant(microseconds: Int64(since))
    self.files = files
  }

  var json: JSONValue {
    ["id": .string(id), "since": JSONValue(since.microseconds), "files": JSONValue(files)]
  }
}

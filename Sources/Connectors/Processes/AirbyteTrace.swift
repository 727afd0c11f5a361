import JSON

/// What an Airbyte source says about its own course.
enum AirbyteTrace {
  /// It cannot go on: what kind of fault, and in which words.
  case error(kind: String, message: String)
  /// How far a stream is: `STARTED`, `RUNNING`, `COMPLETE` or `INCOMPLETE`.
  case status(stream: String, String)
  /// Anything else.
  case other

  /// Reads the content of a TRACE message.
  init(_ text: String) {
    let trace: JSONValue
    do {
      trace = try JSONValue.parse(text)
    } catch {
      // The line was sound JSON, so this is no object; what it means nobody knows.
      self = .other
      return
    }
    switch trace["type"]?.string {
    case "ERROR":
      let error = trace["error"]
      self = .error(
        kind: error?["failure_type"]?.string ?? "",
        message: error?["message"]?.string ?? error?["internal_message"]?.string ?? "")
    case "STREAM_STATUS":
      let status = trace["stream_status"]
      self = .status(
        stream: status?["stream_descriptor"]?["name"]?.string ?? "",
        status?["status"]?.string ?? "")
    default: self = .other
    }
  }
}

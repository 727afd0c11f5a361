import Domain
import JSON

/// What a definition says to the connector of a stream, read and found sound.
enum ConnectorSettings {
  /// An API, and how the stream is asked for.
  case rest(RestManifest, RestStream)
  /// Files, with the zone of their local times.
  case files(FileSpecification, Zone)
  /// A program, and how it is asked for the stream.
  case process(ProcessSource, ProcessStream)
  /// A database by the secret that holds its address, and the rows, with the zone of their local
  /// times.
  case table(SecretReference, TableSpecification, Zone)

  /// The settings of one stream; throws all that is wrong with them.
  init(_ stream: StreamDefinition, of source: SourceDefinition) throws(Faults) {
    let faults = FaultCollector()
    var alone = source
    alone.streams = [stream]
    let settings = Self.read(alone, faults)
    try faults.throwIfAny()
    guard let only = settings.first else {
      throw Faults([Fault(path: "", message: "nothing could be read")])
    }
    self = only
  }

  /// All that is wrong with the settings of a source and its streams.
  static func faults(in source: SourceDefinition) -> [Fault] {
    let faults = FaultCollector()
    read(source, into: faults)
    return faults.faults
  }

  /// Notes all that is wrong with the settings of a source and its streams.
  static func read(_ source: SourceDefinition, into faults: FaultCollector) {
    _ = read(source, faults)
  }

  private static func read(
    _ source: SourceDefinition, _ faults: FaultCollector
  ) -> [ConnectorSettings] {
    let path = "sources.\(source.name)"
    let reader = ObjectReader(source.settings, path: path, faults: faults)
    if let dialect = ProcessSource.Dialect(rawValue: source.connector) {
      return readProcess(source, dialect, reader, faults)
    }
    let manifest =
      ["files", "postgres"].contains(source.connector) ? nil : RestManifest.read(reader)
    let database = source.connector == "postgres" ? reader.secret("url") : nil
    Parameters.check(reader)
    for name in Parameters.missing(in: source.json) {
      reader.fault("parameters", "expected \(name) to be given, as {parameters.\(name)} is used")
    }
    reader.finish()
    return source.streams.compactMap { stream in
      let name = stream.name.split(separator: ".").last ?? ""
      let streamReader = ObjectReader(
        stream.settings, path: "\(path).streams.\(name)", faults: faults)
      defer { streamReader.finish() }
      readVerify(of: stream, source, "\(path).streams.\(name).verify", faults)
      switch source.connector {
      case "files":
        let read = FileSpecification.read(streamReader, eventTime: stream.eventTime)
        guard let read, let zone = zone(of: stream, streamReader) else { return nil }
        return .files(read, zone)
      case "postgres":
        let read = TableSpecification.read(streamReader, eventTime: stream.eventTime)
        guard let database, let read, let zone = zone(of: stream, streamReader) else { return nil }
        return .table(database, read, zone)
      default:
        let read = RestStream.read(streamReader)
        guard let manifest, let read else { return nil }
        if read.parent != nil, stream.eventTime.path.keys.first != "parent" {
          streamReader.fault(
            "event_time",
            "expected a field of the parent, such as parent.created_at: the parent is what the window "
              + "filters, and what it says of time decides")
        }
        return .rest(manifest, read)
      }
    }
  }

  private static func readProcess(
    _ source: SourceDefinition, _ dialect: ProcessSource.Dialect, _ reader: ObjectReader,
    _ faults: FaultCollector
  ) -> [ConnectorSettings] {
    let program = ProcessSource.read(reader, dialect: dialect)
    reader.finish()
    return source.streams.compactMap { stream in
      let name = String(stream.name.split(separator: ".").last ?? "")
      let streamReader = ObjectReader(
        stream.settings, path: "\(reader.path).streams.\(name)", faults: faults)
      defer { streamReader.finish() }
      readVerify(of: stream, source, "\(reader.path).streams.\(name).verify", faults)
      let read = ProcessStream.read(streamReader, name: name, dialect: dialect)
      guard let program, let read else { return nil }
      return .process(program, read)
    }
  }

  /// Notes what is wrong with how a stream is to be verified.
  private static func readVerify(
    of stream: StreamDefinition, _ source: SourceDefinition, _ path: String,
    _ faults: FaultCollector
  ) {
    let reader = ObjectReader(stream.verify, path: path, faults: faults)
    let isPlain =
      ["files", "postgres"].contains(source.connector)
      || ProcessSource.Dialect(rawValue: source.connector) != nil
    if isPlain {
      // There is nothing to say about how.
      _ = reader.optionalInt("partitions_together", in: 0...1_000_000)
    } else {
      _ = VerifyDefinition.read(reader, stream: stream)
    }
    reader.finish()
  }

  private static func zone(of stream: StreamDefinition, _ reader: ObjectReader) -> Zone? {
    do throws(InputFault) {
      return try Zone(stream.eventTime.zone)
    } catch {
      reader.fault("event_time", "\(error)")
      return nil
    }
  }
}

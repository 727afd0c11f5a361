import Domain
import JSON

/// What a definition says to the connector of a stream, read and found sound.
enum ConnectorSettings {
  /// An API, and how the stream is asked for.
  case rest(RestManifest, RestStream)
  /// Files, with the zone of their local times.
  case files(FileSpecification, Zone)

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
    _ = read(source, faults)
    return faults.faults
  }

  private static func read(
    _ source: SourceDefinition, _ faults: FaultCollector
  ) -> [ConnectorSettings] {
    let path = "sources.\(source.name)"
    let reader = ObjectReader(source.settings, path: path, faults: faults)
    let manifest = source.connector == "files" ? nil : RestManifest.read(reader)
    reader.finish()
    return source.streams.compactMap { stream in
      let name = stream.name.split(separator: ".").last ?? ""
      let streamReader = ObjectReader(
        stream.settings, path: "\(path).streams.\(name)", faults: faults)
      defer { streamReader.finish() }
      readVerify(of: stream, source, "\(path).streams.\(name).verify", faults)
      guard source.connector == "files" else {
        let read = RestStream.read(streamReader)
        guard let manifest, let read else { return nil }
        return .rest(manifest, read)
      }
      let read = FileSpecification.read(streamReader, eventTime: stream.eventTime)
      guard let read, let zone = zone(of: stream, streamReader) else { return nil }
      return .files(read, zone)
    }
  }

  /// Notes what is wrong with how a stream is to be verified.
  private static func readVerify(
    of stream: StreamDefinition, _ source: SourceDefinition, _ path: String,
    _ faults: FaultCollector
  ) {
    let reader = ObjectReader(stream.verify, path: path, faults: faults)
    if source.connector == "files" {
      // Files are scanned from end to end; there is nothing to say about how.
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

import Domain
import JSON

extension FileSpecification {
  /// Cuts records of this format; `header` is the first row of a CSV file, `path` the file that
  /// messages name, `fields` are those wanted of each record that is written.
  func cutter(
    header: CSVHeader?, path: String, time: TimeReader, fields: [JSONPath]
  ) throws(FileFault) -> any RecordCutter {
    switch format {
    case .ndjson:
      return LineRecords(timeField: eventTime.path, time: time, fields: fields)
    case .csv(let delimiter):
      let header = header ?? CSVHeader(names: [])
      return try CSVRecords(
        header: header, delimiter: delimiter,
        timeColumn: header.column(named: eventTime.path, of: path), time: time, fields: fields)
    }
  }
}

import JSON

/// Where a reading goes on: the time and the keys of the last row read, as the row's JSON has them.
struct RowPosition: Hashable, Sendable {
  /// The time, then the keys.
  var values: [String]

  /// The position of a row; nil where a column is missing, null or no plain value.
  init?(row: JSONValue, time: String, keys: [String]) {
    var values: [String] = []
    for column in [time] + keys {
      switch row[column] {
      case .string(let text): values.append(text)
      case .number(let text): values.append(text)
      case .bool(let value): values.append(value ? "true" : "false")
      default: return nil
      }
    }
    self.values = values
  }

  /// The position that a checkpoint holds; nil where it is none with so many values.
  init?(_ text: String, count: Int) {
    let array: [JSONValue]
    do throws(JSONError) {
      array = try JSONValue.parse(text).array ?? []
    } catch {
      // What is no JSON was not written here; whoever asked says that of any text that is refused.
      return nil
    }
    values = array.compactMap(\.string)
    guard values.count == array.count, values.count == count else { return nil }
  }

  /// What a checkpoint holds.
  var text: String { JSONValue.array(values.map(JSONValue.string)).encoded() }
}

import Domain
import JSON

/// A page of parents, for each of which the records of a stream are asked for.
struct ParentPage: Sendable {
  /// The cursor by which it was asked for; nil for the first.
  let cursor: String?
  /// The cursor of the next page of parents; nil after the last.
  let next: String?
  /// The parents that lie in the window, in order.
  private(set) var parents: [Parent] = []

  /// A parent.
  struct Parent: Sendable {
    /// What requests are filled in with.
    var values: [Template.Field: String]
    /// What its records take from it: the text of each field, and of which kind it is.
    var fields: [Field]

    /// What tells it from the other parents.
    var key: String {
      values.sorted { $0.key.name < $1.key.name }.map(\.value).joined(separator: "\n")
    }
  }

  /// A field of a parent, as its bytes stand in the page.
  struct Field: Sendable {
    var kind: JSONSlice.Kind
    var bytes: [UInt8]
  }

  /// The parents of a scanned page: its fields are those that requests are filled in with, in the
  /// order of `names`, then those that records take, then the time.
  ///
  /// Throws the name of a field that a parent lacks and without which it cannot be asked for. A
  /// parent outside of the window is left out; one whose time cannot be read is not, so that its
  /// records are rejected where people see them.
  init(
    cursor: String?, next: String?, _ page: Page, names: [String], taken: Int,
    time: TimeReader, window: Window
  ) throws(MissingField) {
    self.cursor = cursor
    self.next = next
    for record in page.scan.records.indices {
      let row = page.scan.fields[(record * page.scan.fieldCount)...].prefix(names.count + taken + 1)
      let parent = try page.bytes.withUnsafeBufferPointer {
        (buffer) throws(MissingField) -> Parent? in
        let bytes = UnsafeRawBufferPointer(buffer)
        let slices = Array(row)
        let moment = time.read(slices[names.count + taken], in: bytes)
        if let moment, !window.contains(moment) { return nil }
        var values: [Template.Field: String] = [:]
        for (place, name) in names.enumerated() {
          guard let text = slices[place].text(in: bytes), !text.isEmpty else {
            throw MissingField(name: name)
          }
          values[.parent(name)] = text
        }
        let fields = slices[names.count..<names.count + taken].map { slice in
          Field(kind: slice.kind, bytes: Array(slice.bytes(in: bytes)))
        }
        return Parent(values: values, fields: fields)
      }
      if let parent { parents.append(parent) }
    }
  }

  /// What a parent lacks.
  struct MissingField: Error {
    let name: String
  }

  /// The place of a parent by its key; the first without one, nil where it is not here.
  func place(of key: String?) -> Int? {
    guard let key else { return parents.isEmpty ? nil : 0 }
    return parents.firstIndex { $0.key == key }
  }
}

extension Page {
  /// Gives every record the fields that it takes from its parent: they are written behind the page.
  mutating func take(_ taken: [ParentPage.Field], at places: [Int]) {
    for (field, place) in zip(taken, places) {
      let start = Int32(bytes.count)
      bytes += field.bytes
      let slice = JSONSlice(start: start, end: Int32(bytes.count), kind: field.kind)
      for row in scan.records.indices { scan.fields[row * scan.fieldCount + place] = slice }
    }
  }
}

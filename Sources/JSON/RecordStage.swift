/// One array on the way to the records.
struct RecordStage: Sendable {
  /// The key by which a field leads to the element around its record.
  static let outerKey = "parent"

  /// Where the way to the array begins: the document, or an element of the array before.
  let root: Int32
  /// Where the array is found.
  let target: Int32

  /// The stages of a path, in which a key that ends with `[]` is an array to be passed through.
  static func stages(to path: JSONPath, in table: inout PathTable) -> [RecordStage] {
    var stages: [RecordStage] = []
    var root = PathTable.documentRoot
    var target = root
    for (place, key) in path.keys.enumerated() {
      let isArray = key.hasSuffix("[]")
      let name = isArray ? String(key.dropLast(2)) : key
      if !name.isEmpty { target = table.entry(for: JSONPath(keys: [name]), below: target) }
      guard isArray, place < path.keys.count - 1 else { continue }
      stages.append(RecordStage(root: root, target: target))
      root = table.addRoot()
      target = root
    }
    return stages + [RecordStage(root: root, target: target)]
  }
}

extension ObjectReader {
  /// The reader of an object; of an empty one, which reports nothing further, as the stand-in.
  public func object(_ key: String) -> ObjectReader {
    child(required(key, .optionalObject, standIn: nil), path: path(to: key))
  }

  /// The reader of an object, if there is one.
  public func optionalObject(_ key: String) -> ObjectReader? {
    optional(key, .object).map { child($0, path: path(to: key)) }
  }

  /// The members of an object whose keys are names: each name with the reader of its object.
  public func namedObjects(_ key: String) -> [(name: String, reader: ObjectReader)] {
    named(required(key, .object, standIn: JSONObject()), key)
  }

  /// The members of an object whose keys are names, if there is one; none otherwise.
  public func optionalNamedObjects(_ key: String) -> [(name: String, reader: ObjectReader)] {
    named(optional(key, .object) ?? JSONObject(), key)
  }

  /// The same where null may stand in the place of an object; its reader is nil then.
  public func optionalNamedObjectsOrNulls(_ key: String) -> [(name: String, reader: ObjectReader?)]
  {
    (optional(key, .object) ?? JSONObject()).members.map { name, value in
      value.isNull ? (name, nil) : (name, named(name, value, key))
    }
  }

  /// A list of any values; the stand-in is empty.
  public func list(_ key: String) -> [JSONValue] {
    required(key, .list, standIn: [])
  }

  /// A list of any values, if there is one.
  public func optionalList(_ key: String) -> [JSONValue]? {
    optional(key, .list)
  }

  /// A list of strings that are not empty; the stand-in is empty.
  public func strings(_ key: String) -> [String] {
    elements(list(key), key, .filledString)
  }

  /// A list of strings that are not empty, if there is one.
  public func optionalStrings(_ key: String) -> [String]? {
    optionalList(key).map { elements($0, key, .filledString) }
  }

  /// The readers of a list of objects; the stand-in is empty.
  public func objects(_ key: String) -> [ObjectReader] {
    readers(list(key), key)
  }

  /// The readers of a list of objects, if there is one.
  public func optionalObjects(_ key: String) -> [ObjectReader]? {
    optionalList(key).map { readers($0, key) }
  }

  // MARK: Steps

  private func named(
    _ object: JSONObject, _ key: String
  ) -> [(name: String, reader: ObjectReader)] {
    object.members.map { name, value in (name, named(name, value, key)) }
  }

  private func named(_ name: String, _ value: JSONValue, _ key: String) -> ObjectReader {
    let place = "\(path(to: key)).\(name)"
    return child(accepted(value, at: place, name: name, .object), path: place)
  }

  private func readers(_ values: [JSONValue], _ key: String) -> [ObjectReader] {
    values.enumerated().map { index, value in
      let name = "\(key)[\(index)]"
      return child(accepted(value, at: path(to: name), name: name, .object), path: path(to: name))
    }
  }

  private func elements<Value>(
    _ values: [JSONValue], _ key: String, _ expectation: Expectation<Value>
  ) -> [Value] {
    values.enumerated().compactMap { index, value in
      let name = "\(key)[\(index)]"
      return accepted(value, at: path(to: name), name: name, expectation)
    }
  }
}

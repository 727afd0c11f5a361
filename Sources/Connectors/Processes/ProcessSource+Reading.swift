import Domain
import JSON

extension ProcessSource {
  /// What a source's definition says of its program; nil, with the faults noted, where it has any.
  static func read(_ reader: ObjectReader, dialect: Dialect) -> ProcessSource? {
    let command = reader.strings("command")
    if let program = command.first, !program.hasPrefix("/") {
      reader.fault("command", "expected the program by its path from /, got \"\(program)\"")
    }
    let config = reader.optionalValue("config") ?? [:]
    guard let object = config.object else {
      reader.fault("config", "expected config to be an object")
      return nil
    }
    checkForSecrets(object, at: "config", reader)
    return ProcessSource(
      dialect: dialect, command: command, config: object,
      secrets: secrets(reader.optionalObject("secrets")),
      environment: environment(reader.optionalObject("environment")),
      user: reader.optionalString("user"),
      network: reader.optionalChoice("network", of: Network.self) ?? .guarded,
      hosts: hosts(reader),
      sandbox: reader.optionalChoice("sandbox", of: Sandbox.self) ?? .preferred,
      folders: folders(reader),
      limits: reader.optionalObject("limits").map(ProcessLimits.init) ?? ProcessLimits())
  }

  private static func secrets(_ reader: ObjectReader?) -> [Secret] {
    guard let reader else { return [] }
    return reader.keys.compactMap { key in
      reader.secret(key).map { Secret(path: JSONPath(key), reference: $0) }
    }
  }

  private static func environment(_ reader: ObjectReader?) -> [String: String] {
    guard let reader else { return [:] }
    var variables: [String: String] = [:]
    for name in reader.keys {
      let value = reader.string(name)
      if name.isEmpty || name.contains("=") || name.contains("\0") || value.contains("\0") {
        reader.fault(name, "expected the name of a variable, and a value without NUL")
      }
      variables[name] = value
    }
    return variables
  }

  private static func hosts(_ reader: ObjectReader) -> [String] {
    let hosts = reader.optionalStrings("hosts") ?? []
    for (index, host) in hosts.enumerated() {
      let parts = host.split(separator: ":", omittingEmptySubsequences: false)
      let name = parts[0].hasPrefix("*.") ? parts[0].dropFirst(2) : parts[0]
      let isName =
        !name.isEmpty
        && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
      if !isName || parts.count > 2 || (parts.count == 2 && UInt16(parts[1]) == nil) {
        reader.fault(
          "hosts[\(index)]", "expected a host as api.shop.example, *.shop.example or host:port")
      }
    }
    return hosts
  }

  private static func folders(_ reader: ObjectReader) -> [String] {
    let folders = reader.optionalStrings("folders") ?? []
    for (index, folder) in folders.enumerated() where !folder.hasPrefix("/") {
      reader.fault("folders[\(index)]", "expected a folder by its path from /")
    }
    return folders
  }

  private static let secretEndings = [
    "password", "secret", "token", "api_key", "apikey", "private_key", "access_key",
  ]

  /// What is called a secret and stands in the open is refused, and not repeated in the refusal.
  private static func checkForSecrets(
    _ object: JSONObject, at path: String, _ reader: ObjectReader
  ) {
    for (key, value) in object.members {
      let name = key.lowercased()
      if let text = value.string, !text.isEmpty, secretEndings.contains(where: name.hasSuffix) {
        reader.fault(
          "\(path).\(key)",
          "expected no secret in the open; name it under secrets by its place in config, "
            + "as a reference: env:NAME or file:/path")
      }
      if let inner = value.object { checkForSecrets(inner, at: "\(path).\(key)", reader) }
    }
  }
}

extension ProcessLimits {
  /// The bounds that a definition sets; the others keep their defaults.
  init(_ reader: ObjectReader) {
    self.init()
    memoryMegabytes = reader.optionalInt("memory_mb", in: 16...1_048_576) ?? memoryMegabytes
    processes = reader.optionalInt("processes", in: 1...1_000_000) ?? processes
    openFiles = reader.optionalInt("open_files", in: 16...1_000_000) ?? openFiles
    fileMegabytes = reader.optionalInt("file_mb", in: 1...1_048_576) ?? fileMegabytes
    // A run that shows no life for 15 minutes loses its partition.
    idleSeconds = reader.optionalInt("idle_seconds", in: 1...840) ?? idleSeconds
    wholeSeconds = reader.optionalInt("whole_seconds", in: 1...2_592_000) ?? wholeSeconds
    graceSeconds = reader.optionalInt("grace_seconds", in: 0...60) ?? graceSeconds
  }
}

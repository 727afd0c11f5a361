/// One thing wrong with a definition: where, and what.
public struct Fault: Hashable, Sendable, CustomStringConvertible {
  /// The keys that lead there, such as `sources.shop.streams.orders.key`; empty for the whole.
  public let path: String
  /// What was expected there, and what was found.
  public let message: String

  /// A fault at a path.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// The path and the message.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// All that is wrong with a definition, thrown together.
public struct Faults: Error, Hashable, Sendable, CustomStringConvertible {
  /// The faults in the order found; never empty.
  public let faults: [Fault]

  /// Faults to throw.
  public init(_ faults: [Fault]) {
    self.faults = faults
  }

  /// One line for each.
  public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Gathers faults while a definition is read, so that all of them are told at once.
public final class FaultCollector {
  /// The faults so far.
  public private(set) var faults: [Fault] = []
  /// The paths of all keys that were asked for, given or not: what the definition may say.
  public private(set) var asked: Set<String> = []

  /// A collector without faults.
  public init() {}

  /// Notes a fault.
  public func add(path: String, _ message: String) {
    faults.append(Fault(path: path, message: message))
  }

  func ask(for path: String) {
    asked.insert(path)
  }

  /// Throws what was gathered, if anything was.
  public func throwIfAny() throws(Faults) {
    if !faults.isEmpty { throw Faults(faults) }
  }
}

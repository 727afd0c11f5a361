import Domain
import Foundation
import HTTP
import JSON
import SampleSource

/// The sample source of the demonstration, which lives in this program: whichever process is to read
/// it starts it, so that what the demonstration left can be retried later.
///
/// `@unchecked Sendable`: everything that changes is guarded by `lock`.
final class BundledSource: @unchecked Sendable {
  /// The name under which the demonstration applies it.
  static let name = "demo"

  private let world: World
  private let lock = NSLock()
  private var running: SampleSource?

  init(_ world: World) {
    self.world = world
  }

  /// Where the token lies that the source wants.
  static func tokenPath(_ world: World) -> String { "\(world.home)/demo-token" }

  /// Starts the source if it is the bundled one and nobody else serves it; gives its port.
  @discardableResult
  func serve(_ source: SourceDefinition) throws -> UInt16? {
    guard source.name == Self.name, source.connector == "sample",
      source.settings["auth"]?["token"]?.string == "file:\(Self.tokenPath(world))",
      let address = source.settings["base_url"]?.string,
      let port = address.split(separator: ":").last.flatMap({ UInt16($0) })
    else { return nil }
    do {
      return try start(port: port)
    } catch is ServerError {
      // Another process of ours serves it already, or the requests will tell.
      return port
    }
  }

  /// Starts the source on a port, or on one that the system chooses.
  func start(port: UInt16) throws -> UInt16 {
    lock.lock()
    defer { lock.unlock() }
    if let running { return running.port }
    let yesterday = Zone.utc.civilDate(of: world.now()).adding(days: -1)
    var shop = SampleConfiguration(lastDay: SampleDay(number: yesterday.dayNumber))
    shop.latency = .milliseconds(25)
    shop.token = try TextFile.content(of: Self.tokenPath(world))
    let now = world.now
    let source = try SampleSource(shop, listening: .tcp(host: "127.0.0.1", port: port)) {
      now().microseconds
    }
    running = source
    return source.port
  }
}

import Connectors
import Domain
import Glibc
import JSON
import Operations
import Stores

/// The demonstration's source: makes its token and applies it, as its user would.
struct DemoShop {
  static let stream = "\(BundledSource.name).orders"

  let program: Program
  let database: Database

  /// Starts the source, and applies it with the port on which it listens.
  func open() async throws {
    try makeToken()
    let port = try await knownPort() ?? program.bundledSource.start(port: 0)
    let applied = try AppliedConfiguration(
      document(port: port), directory: program.world.directory)
    try await Application(pool: database.pool).apply(applied.configuration)
  }

  /// The port of an earlier demonstration, so that its backfills can still be retried.
  private func knownPort() async throws -> UInt16? {
    guard let known = try await CatalogStore(pool: database.pool).findStream(Self.stream) else {
      return nil
    }
    let source = try SourceDefinition(json: try JSONValue.parse(known.sourceDefinition))
    return try program.bundledSource.serve(source)
  }

  private func makeToken() throws(Failure) {
    let path = BundledSource.tokenPath(program.world)
    guard access(path, R_OK) != 0 else { return }
    mkdir(program.world.home, 0o700)
    let token = (0..<4).map { _ in String(program.world.randomness.next(), radix: 16) }.joined()
    try TextFile.create(path, content: token)
  }

  private func document(port: UInt16) -> JSONValue {
    let source: JSONValue = [
      "connector": "sample",
      "base_url": "http://127.0.0.1:\(Int(port))",
      "auth": ["type": "bearer", "token": "file:\(BundledSource.tokenPath(program.world))"],
      "streams": [
        "orders": [
          "version": "updated_at",
          "measures": ["amount": ["field": "amount", "currency": ["field": "currency"]]],
          "tags": ["finance"],
          "retry": ["attempts": 3, "base": "1s"],
        ]
      ],
    ]
    var sources = JSONObject()
    sources[BundledSource.name] = source
    return ["sources": .object(sources)]
  }
}

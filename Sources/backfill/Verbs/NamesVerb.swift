import Arguments
import Cluster
import Domain
import Glibc
import Stores

/// `backfill __complete`: the names that a shell offers while one is being typed.
///
/// Nothing is made or told for it: where the names are not to be had, there are none.
struct NamesVerb: Verb {
  private static let kinds = ["streams", "sources", "backfills", "subscriptions"]

  static let spec = CommandSpec(
    "__complete", "Print the names that a shell offers.",
    arguments: [ArgumentSpec("KIND", "Which names.", allowed: kinds)], isHidden: true)

  private let kind: String

  init(_ invocation: Invocation) throws {
    kind = try invocation.requiredArgument("KIND")
  }

  func run(in program: Program) async throws -> ExitCode {
    let place = DatabasePlace(
      option: program.databaseURL, environment: program.world.environment)
    if case .privateCluster = place, access("\(program.world.home)/cluster", F_OK) != 0 {
      return .done
    }
    let names = try await program.withDatabase { database in
      switch kind {
      case "streams": try await CatalogStore(pool: database.pool).listStreams().map(\.name)
      case "sources": try await CatalogStore(pool: database.pool).listSources().map(\.name)
      case "subscriptions":
        try await SubscriptionStore(pool: database.pool).listSubscriptions().map(\.name)
      default:
        try await BackfillStore(pool: database.pool).listBackfills(BackfillFilter(limit: 30))
          .map(\.id.description)
      }
    }
    for name in names { try program.world.output.line(name) }
    return .done
  }
}

// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, explicit existentials, imports that leak only when
/// marked `public`, and no warning left standing.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A room of the house: a target that may import only the rooms named in `on`, all of lower floors.
func room(_ name: String, on floor: [String] = []) -> Target {
  .target(
    name: name, dependencies: floor.map { .init(stringLiteral: $0) }, swiftSettings: strict)
}

func tests(of name: String, with helpers: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ([name] + helpers).map { .init(stringLiteral: $0) },
    swiftSettings: strict)
}

/// The migrations, in order; each is one file of the folder.
let migrations = [
  "0001_catalog", "0002_partitions", "0003_documents", "0004_commit", "0005_claim",
  "0006_history", "0007_notices", "0008_redrive", "0009_budget",
  "0010_split", "0011_proof",
]

let package = Package(
  name: "backfill",
  products: [
    .executable(name: "backfill", targets: ["backfill"]),
    .executable(name: "backfill-bench", targets: ["backfill-bench"]),
  ],
  targets: [
    // Ground: the C libraries.
    .systemLibrary(name: "CLibPQ", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CLibCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLibCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLinux"),

    // Floor 1: no word of backfills; each wraps one thing of the outside or one format.
    room("Spelling"),
    room("Crypto", on: ["CLibCrypto"]),
    room("JSON", on: ["Spelling"]),
    room("Postgres", on: ["CLibPQ"]),
    room("Outbound", on: ["CLibCurl"]),
    room("Processes", on: ["CLinux"]),
    room("HTTP", on: ["CLinux"]),
    room("Arguments", on: ["Spelling"]),

    // Floor 2: the words of backfills, pure; and the private cluster.
    room("Domain", on: ["JSON", "Crypto", "Spelling"]),
    room("Cluster", on: ["Processes"]),

    // Floor 3: the schema, and the sample source.
    .target(
      name: "Migrations", dependencies: ["Postgres", "Crypto"], path: "migrations",
      resources: migrations.map { .embedInCode("\($0).sql") }, swiftSettings: strict),
    room("SampleSource", on: ["HTTP", "JSON"]),

    // Floors 4, 5, 6.
    room("Stores", on: ["Domain", "Postgres", "JSON", "Crypto"]),
    room(
      "Connectors",
      on: ["Domain", "Outbound", "Postgres", "Processes", "JSON", "Crypto", "Spelling"]),
    room(
      "Operations",
      on: [
        "Connectors", "Stores", "Migrations", "Domain", "Postgres", "Outbound", "JSON", "Crypto",
        "Spelling",
      ]),

    // Roof.
    .executableTarget(
      name: "backfill",
      dependencies: [
        "Operations", "Connectors", "Stores", "Migrations", "Domain", "Cluster", "SampleSource",
        "Arguments", "Postgres", "Outbound", "HTTP", "JSON", "Crypto", "Spelling", "Processes",
      ], swiftSettings: strict),
    .executableTarget(
      name: "backfill-bench",
      dependencies: [
        "Operations", "Connectors", "Stores", "Migrations", "Domain", "Cluster", "Postgres",
        "Outbound", "Processes", "JSON",
      ], swiftSettings: strict),

    // Tests, by distance.
    tests(of: "Spelling"),
    tests(of: "Crypto"),
    tests(of: "JSON"),
    tests(of: "Postgres", with: ["Cluster", "Processes", "WireFixtures"]),
    tests(of: "Outbound", with: ["HTTP", "Processes"]),
    tests(of: "Processes"),
    tests(of: "HTTP"),
    tests(of: "SampleSource", with: ["HTTP", "Outbound", "JSON"]),
    tests(of: "Arguments", with: ["Processes"]),
    tests(of: "Domain", with: ["JSON"]),
    tests(of: "Cluster", with: ["Processes"]),
    .target(name: "WireFixtures", path: "Tests/WireFixtures", swiftSettings: strict),
    .target(
      name: "DatabaseFixtures", dependencies: ["Cluster", "Migrations", "Postgres"],
      path: "Tests/DatabaseFixtures", swiftSettings: strict),
    .testTarget(
      name: "MigrationsTests",
      dependencies: ["Migrations", "DatabaseFixtures", "Postgres", "Processes"],
      exclude: ["schema.sql"], swiftSettings: strict),
    tests(
      of: "Stores",
      with: ["DatabaseFixtures", "Migrations", "Postgres", "Domain", "JSON", "Crypto", "Processes"]),
    tests(
      of: "Connectors",
      with: [
        "DatabaseFixtures", "Domain", "Outbound", "HTTP", "JSON", "Crypto", "Postgres", "Processes",
        "SampleSource",
      ]),
    tests(of: "Operations", with: ["Connectors", "Domain", "JSON", "Postgres", "Stores"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "backfill", "Arguments", "Cluster", "DatabaseFixtures", "Domain", "JSON", "Operations",
        "Postgres", "Processes", "SampleSource", "Stores",
      ], swiftSettings: strict),
    .testTarget(
      name: "NoticesTests",
      dependencies: [
        "Operations", "Stores", "Connectors", "Domain", "Outbound", "HTTP", "Postgres", "JSON",
        "Crypto", "Processes", "DatabaseFixtures", "backfill",
      ], swiftSettings: strict),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "Cluster", "Connectors", "Crypto", "DatabaseFixtures", "Domain", "HTTP", "JSON",
        "Migrations", "Operations", "Postgres", "Processes", "Stores", "WireFixtures",
      ], swiftSettings: strict),
  ]
)

/// The manifests that come with the program, by the names under which sources name them as their
/// connector.
enum BuiltInManifests {
  static let all: [BuiltInManifest] = [
    .sample, .stripe, .shopify, .shopifyRest, .klaviyo, .hubspot,
  ]
}

/// Finds the handler of a request by its method and path, each compared exactly.
public struct Router: Sendable {
  /// Answers one request; a fault thrown is the answer too.
  public typealias Handler = @Sendable (Request) async throws(RequestFault) -> Response

  fileprivate struct Route: Sendable {
    let pattern: [Segment]
    var handlers: [Method: Handler]
  }

  fileprivate enum Segment: Hashable, Sendable {
    case exact(String)
    case parameter(String)
  }

  private var routes: [Route] = []

  /// A router without routes.
  public init() {}

  /// Adds a route such as `/v1/orders/{id}`; where two fit, the one added first serves.
  ///
  /// GET serves HEAD too.
  public mutating func add(_ method: Method, _ path: String, _ handler: @escaping Handler) {
    let pattern = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map { segment in
        segment.hasPrefix("{") && segment.hasSuffix("}")
          ? Segment.parameter(String(segment.dropFirst().dropLast())) : .exact(String(segment))
      }
    if let known = routes.firstIndex(where: { $0.pattern == pattern }) {
      routes[known].handlers[method] = handler
    } else {
      routes.append(Route(pattern: pattern, handlers: [method: handler]))
    }
  }

  /// Answers by the route that fits: 404 where none does, 405 where none does with this method.
  public func respond(_ request: Request) async throws(RequestFault) -> Response {
    var allowed: Set<String> = []
    for route in routes {
      guard let parameters = route.parameters(request.target.segments) else { continue }
      guard let handler = route.handler(request.method) else {
        allowed.formUnion(route.handlers.keys.map(\.rawValue))
        continue
      }
      var request = request
      request.parameters = parameters
      return try await handler(request)
    }
    return refusal(allowed)
  }

  private func refusal(_ allowed: Set<String>) -> Response {
    guard !allowed.isEmpty else { return .problem(404, "There is nothing at this path.") }
    var response = Response.problem(405, "This path does not take this method.")
    let all = allowed.contains("GET") ? allowed.union(["HEAD"]) : allowed
    response.headers["Allow"] = all.sorted().joined(separator: ", ")
    return response
  }
}

extension Router.Route {
  /// The parameters of a path that fits; nil where it does not.
  ///
  /// An empty segment fits no parameter.
  fileprivate func parameters(_ segments: [String]) -> [String: String]? {
    guard segments.count == pattern.count else { return nil }
    var parameters: [String: String] = [:]
    for (part, segment) in zip(pattern, segments) {
      switch part {
      case .exact(let text): guard text == segment else { return nil }
      case .parameter(let name):
        guard !segment.isEmpty else { return nil }
        parameters[name] = segment
      }
    }
    return parameters
  }

  fileprivate func handler(_ method: Method) -> Router.Handler? {
    handlers[method] ?? (method == .head ? handlers[.get] : nil)
  }
}

public import HTTP

/// A shop's HTTP API that behaves like a real one: uneven days, rate limits, failures.
///
/// `GET /v1/orders` and `GET /v1/refunds` take `created_from` (inclusive), `created_to`
/// (exclusive), `limit` (1 to 1000, default 100) and `cursor`, want `Authorization: Bearer` with
/// the configured token, and answer `{"data":[…],"has_more":…,"next":…}`, oldest first; `next` is
/// the full address of the next page or null.
public final class SampleSource: Sendable {
  /// The port listened on.
  public var port: UInt16 { server.port }

  private let shop: Shop
  private let log: RequestLog
  private let server: Server

  /// Starts the source; `now` tells the time for the log in microseconds since 1970.
  public init(
    _ configuration: SampleConfiguration,
    listening: ServerConfiguration.Address = .tcp(host: "127.0.0.1", port: 0),
    now: @escaping @Sendable () -> Int64
  ) throws(ServerError) {
    let shop = Shop(configuration: configuration)
    let log = RequestLog(capacity: configuration.logCapacity)
    let keeper = Shopkeeper(shop: shop, log: log)
    var routes = Router()
    for stream in SampleStream.allCases {
      routes.add(.get, "/v1/\(stream.rawValue)") { (request) throws(RequestFault) in
        try await keeper.serve(request, stream)
      }
    }
    var server = ServerConfiguration()
    server.address = listening
    self.shop = shop
    self.log = log
    self.server = try Server(server) { [routes] request in
      let response = await routes.answer(request)
      await log.note(
        LoggedRequest(time: now(), target: request.target.text, status: response.status))
      return response
    }
  }

  /// What a stream holds of a day.
  public func expected(_ stream: SampleStream, on day: SampleDay) -> DayTotals {
    shop.totals(stream, day)
  }

  /// The latest requests, oldest first.
  public var requests: [LoggedRequest] { get async { await log.latest } }

  /// Ends the source.
  public func stop() async { await server.stop(within: .seconds(1)) }
}

extension Router {
  fileprivate func answer(_ request: Request) async -> Response {
    do throws(RequestFault) {
      return try await respond(request)
    } catch {
      return error.response
    }
  }
}

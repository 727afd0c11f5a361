extension OutboundResponse {
  /// Unpacks the body as its headers say; an empty one stays as it is.
  mutating func unpack(limit: Int) throws(OutboundError) {
    let codings = headers.all("Content-Encoding").filter { !equalIgnoringCase($0, "identity") }
    guard let coding = codings.first, !body.isEmpty else { return }
    guard codings.count == 1, ["gzip", "x-gzip"].contains(where: { equalIgnoringCase($0, coding) })
    else {
      throw OutboundError(
        .malformed, "\(url.authority) packed its answer in a way that it was not asked for.",
        requests: requests)
    }
    do {
      body = try Gzip.unpack(body, limit: limit)
    } catch .tooLarge {
      throw OutboundError(
        .tooLarge(.unpacked), "\(url.authority) sent more than \(limit) bytes unpacked.",
        requests: requests)
    } catch {
      throw OutboundError(
        .malformed, "\(url.authority) sent a packed answer that is broken or cut off.",
        requests: requests)
    }
  }
}

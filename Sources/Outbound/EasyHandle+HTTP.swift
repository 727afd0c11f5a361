import CLibCurl

extension EasyHandle {
  func apply(_ configuration: HTTPClientConfiguration) {
    // The empty text switches libcurl's look into the environment off.
    if configuration.proxy == .none { set(CURLOPT_PROXY, "") }
    set(CURLOPT_MAXAGE_CONN, configuration.idleSeconds)
    set(CURLOPT_USERAGENT, configuration.userAgent)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    // A page of a few dozen kilobytes then arrives in one piece.
    set(CURLOPT_BUFFERSIZE, 128 << 10)
  }

  func apply(_ request: OutboundRequest) {
    set(CURLOPT_URL, request.url.text)
    set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.wholeMilliseconds)
    // Refuses a declared length beyond the bound before a byte of the body is read.
    setBytes(CURLOPT_MAXFILESIZE_LARGE, request.limits.wireBytes)
    switch request.method {
    case .get: set(CURLOPT_HTTPGET, 1)
    case .head: set(CURLOPT_NOBODY, 1)
    case .post: break
    }
    if request.method == .post || request.body != nil { apply(body: request.body ?? []) }
    if request.method == .get, request.body != nil { set(CURLOPT_CUSTOMREQUEST, "GET") }
    // The body is unpacked by `Gzip`, not by libcurl.
    set(CURLOPT_HTTP_CONTENT_DECODING, 0)
    set(
      CURLOPT_HTTPHEADER,
      list: lines(of: request.headers) + (request.acceptsGzip ? ["Accept-Encoding: gzip"] : []))
  }

  private func apply(body: [UInt8]) {
    set(CURLOPT_POST, 1)
    setBytes(CURLOPT_POSTFIELDSIZE_LARGE, body.count)
    // The copy belongs to libcurl until the handle is reset. An empty body still needs a pointer.
    (body + [0]).withUnsafeBytes {
      note(curl_easy_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, $0.baseAddress))
    }
  }

  /// libcurl's form of headers.
  ///
  /// `Name:` takes away what libcurl would add by itself: the wait for a `100 Continue`, and a
  /// form's content type.
  private func lines(of headers: HeaderFields) -> [String] {
    var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    lines.append("Expect:")
    if headers["Content-Type"] == nil { lines.append("Content-Type:") }
    return lines
  }
}

extension Duration {
  /// Whole milliseconds, at least one: zero would mean no limit to libcurl.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return max(1, Int(min(seconds, 1 << 31)) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}

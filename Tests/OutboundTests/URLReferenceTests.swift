import Testing

@testable import Outbound

@Suite("URLReference")
struct URLReferenceTests {
  @Test("an address is read into its parts, the host in small letters")
  func parts() throws {
    let url = try URLReference("HTTPS://Shop.Example:8443/v1/Orders?page[size]=5&q=a%20b#fragment")
    #expect(url.scheme == "https")
    #expect(url.host == "shop.example")
    #expect(url.port == 8443)
    #expect(url.path == "/v1/Orders")
    #expect(url.query == "page[size]=5&q=a%20b")
    #expect(url.text == "https://shop.example:8443/v1/Orders?page[size]=5&q=a%20b")
    #expect(url.description == "https://shop.example:8443/v1/Orders")
    #expect(try URLReference("http://[::1]/").host == "[::1]")
    #expect(try URLReference("http://h").text == "http://h/")
    #expect(try URLReference("https://h:443/").origin == "https://h")
  }

  @Test(
    "what is no plain http or https address is refused",
    arguments: [
      "", "h", "/path", "//h/", "ftp://h/", "file:///etc/passwd", "javascript:alert(1)",
      "http://user@h/", "http://user:word@h/", "http://:word@h/", "http://", "http:///path",
      "http://h:0/", "http://h:65536/", "http://h:x/", "http://h\r\n/", "http://h/\u{0}",
      "http://h/\r\nX: y", "http://a b/", "http:h/", "gopher://h/", " http://h/",
    ])
  func refused(_ text: String) {
    let error = #expect(throws: OutboundError.self) { try URLReference(text) }
    #expect(error?.kind == .invalidRequest)
  }

  @Test("every way to write an IPv4 address is the same host")
  func addresses() throws {
    for text in ["http://127.1/", "http://0x7f.0.0.1/", "http://2130706433/", "http://0177.0.0.1/"]
    {
      #expect(try URLReference(text).host == "127.0.0.1", "\(text)")
    }
  }

  @Test("a link is read from where it stands")
  func resolving() throws {
    let base = try URLReference("https://h/v1/orders?page=1")
    for (link, expected) in [
      ("?page=2", "https://h/v1/orders?page=2"), ("next", "https://h/v1/next"),
      ("/v2?a=b", "https://h/v2?a=b"), ("../x", "https://h/x"), ("//g/x", "https://g/x"),
      ("http://g:81/x", "http://g:81/x"), ("?q=a b", "https://h/v1/orders?q=a%20b"),
      ("/ä?ö=1", "https://h/%C3%A4?%C3%B6=1"), ("https://h/ä", "https://h/%C3%A4"),
    ] {
      #expect(try base.resolving(link).text == expected, "\(link)")
    }
    for link in ["ftp://h/", "http://u:p@h/", "mailto:a@b", "x\r\ny"] {
      #expect(throws: OutboundError.self, "\(link)") { try base.resolving(link) }
    }
  }

  @Test("credentials go to the same scheme, host and port alone, or from http up to https")
  func mayLead() throws {
    let base = try URLReference("http://h/")
    for (text, expected) in [
      ("http://h/x", true), ("http://H:80/", true), ("https://h/", true), ("http://h:81/", false),
      ("http://h.evil/", false), ("https://h:444/", false), ("http://g/", false),
    ] {
      #expect(try base.mayLead(to: URLReference(text)) == expected, "\(text)")
    }
    #expect(try URLReference("https://h/").mayLead(to: base) == false)
    #expect(try URLReference("http://h:8080/").mayLead(to: URLReference("https://h/")) == false)
  }

  @Test("items are added to a query, each encoded")
  func appendingQuery() throws {
    let base = try URLReference("http://h/p")
    #expect(
      try base.appendingQuery([("created[gte]", "1"), ("q", "a&b=c +ä")]).text
        == "http://h/p?created%5Bgte%5D=1&q=a%26b%3Dc%20%2B%C3%A4")
    #expect(try base.appendingQuery([]) == base)
    #expect(try URLReference("http://h/p?a=b").appendingQuery([("c", "")]).query == "a=b&c=")
    #expect(try URLReference("http://h/p?").appendingQuery([("c", "d")]).query == "c=d")
  }
}

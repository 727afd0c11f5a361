import Arguments
import Testing

@Suite struct InvocationTests {
  @Test("a number is read within its bounds, which the sentence names")
  func integers() throws {
    #expect(try invocation("submit s").integer("concurrency", in: 1...8) == 4)
    #expect(try invocation("submit s --concurrency 8").integer("concurrency", in: 1...8) == 8)
    #expect(try invocation("submit s").integer("from", in: 1...8) == nil)
    for wrong in ["9", "0", "x", "1.5", "99999999999999999999"] {
      let invocation = try invocation("submit s --concurrency=\(wrong)")
      let error = try #require(throws: UsageError.self) {
        try invocation.integer("concurrency", in: 1...8)
      }
      #expect(
        error.description
          == "--concurrency must be a whole number from 1 to 8, but it is \"\(wrong)\"."
      )
    }
    let open = try invocation("submit s --concurrency=0")
    let error = try #require(throws: UsageError.self) {
      try open.integer("concurrency", in: 1...(.max))
    }
    #expect(error.description.contains("a whole number of at least 1"))
  }

  @Test("a value of any kind is read by whoever knows it")
  func anyValue() throws {
    let invocation = try invocation("submit 7 --from no --partition 1 --partition 2")
    #expect(try invocation.values("partition", expecting: "a number", read: { Int($0) }) == [1, 2])
    #expect(try invocation.argument("STREAM", expecting: "a number", read: { Int($0) }) == 7)
    #expect(try invocation.value("last", expecting: "a number", read: { Int($0) }) == nil)
    let error = try #require(throws: UsageError.self) {
      try invocation.value("from", expecting: "a date such as 2026-03-01", read: { Int($0) })
    }
    #expect(error.description == "--from must be a date such as 2026-03-01, but it is \"no\".")
  }

  @Test("what a command needs beyond its table, it asks for with the same sentences")
  func needs() throws {
    let invocation = try invocation("submit s --last 30d")
    #expect(try invocation.requiredText("last") == "30d")
    #expect(throws: UsageError(.missing("--from"), in: "tool submit")) {
      try invocation.requiredText("from")
    }
    #expect(try invocation.requiredArgument("STREAM") == "s")
    try invocation.refuseBoth("from", "last")
    let both = try Self.both()
    let error = try #require(throws: UsageError.self) { try both.refuseBoth("from", "last") }
    #expect(error.description == "--from and --last cannot both be given; leave one out.")
  }

  private static func both() throws -> Invocation {
    try invocation("submit s --last 30d --from x")
  }
}

import Testing

@testable import Connectors

struct LinkHeaderTests {
  @Test(
    "the link whose relation is next is found",
    arguments: [
      (["<https://a.test/?p=2>; rel=\"next\""], "https://a.test/?p=2"),
      (["<a>; rel=\"prev\", <b>; rel=\"next\""], "b"),
      (["<a>; rel=prev", "<b>;rel=next"], "b"),
      (["<a>; title=\"next, <x>; rel=next\"; rel=\"last\", <b>; rel=\"first next\""], "b"),
      (["<a,b;c>; rel=next"], "a,b;c"), (["<a>; REL=\"NEXT\""], "a"),
      (["<a>; title=\"say \\\"so\\\"\"; rel=\"next\""], "a"),
      (["<a>; rel=\"prev\""], nil), (["<a"], nil), ([], nil), (["rel=next"], nil),
      (["<a>; rel=\"nextish\""], nil), (["<a>; nofollow; rel=next"], "a"),
    ] as [([String], String?)])
  func next(values: [String], target: String?) {
    #expect(LinkHeader.next(in: values) == target)
  }
}

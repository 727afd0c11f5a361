import Spelling
import Testing

@Suite struct NearestNameTests {
  @Test(
    "one slip of each kind finds the name",
    arguments: ["cursr", "cursorr", "cirsor", "crusor", "Cursor", "ursor"])
  func oneSlip(_ written: String) {
    #expect(nearestName(to: written, among: ["window", "cursor", "limit"]) == "cursor")
  }

  @Test("what is not near has no suggestion", arguments: ["", "x", "throughput", "cu", "curtains"])
  func nothingNear(_ written: String) {
    #expect(nearestName(to: written, among: ["window", "cursor", "limit"]) == nil)
  }

  @Test("the nearest wins over one that is merely near")
  func nearestWins() {
    #expect(nearestName(to: "retries", among: ["retired", "retrie", "retries?"]) == "retrie")
  }

  @Test("of names equally near the first wins")
  func tiesByOrder() {
    #expect(nearestName(to: "lost", among: ["list", "last"]) == "list")
    #expect(nearestName(to: "lost", among: ["last", "list"]) == "last")
  }

  @Test("a swap of neighbours is one slip, not two")
  func swap() {
    #expect(nearestName(to: "hsow", among: ["show"]) == "show")
    #expect(nearestName(to: "hswo", among: ["show"]) == nil)
  }

  @Test("names of one or two letters are near only to themselves")
  func shortNames() {
    #expect(nearestName(to: "it", among: ["id"]) == nil)
    #expect(nearestName(to: "ID", among: ["id"]) == "id")
  }

  @Test("no names, no suggestion")
  func noNames() {
    #expect(nearestName(to: "cursor", among: []) == nil)
  }
}

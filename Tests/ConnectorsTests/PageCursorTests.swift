import Testing

@testable import Connectors

struct PageCursorTests {
  @Test("a cursor is the same after it was kept as text, whatever stands in its position")
  func text() throws {
    var cursor = PageCursor(first: nil)
    for position in ["a", "/v1/x?y=1&z=a b", "", "ü 1 2"] {
      cursor = try cursor.following(
        PageCursor.Place(position: position), mark: Fingerprint.of(position))
      #expect(PageCursor(cursor.text) == cursor)
    }
    #expect(cursor.pages == 4)
  }

  @Test("what a query, a day and a smaller page add to a position is kept as well")
  func wholePlace() throws {
    let places = [
      PageCursor.Place(position: nil, slice: "2024-03-01"),
      PageCursor.Place(position: "a b", slice: "x y", seek: "17\"", records: 9_800),
      PageCursor.Place(position: nil, seek: "1"),
    ]
    for place in places {
      let cursor = try PageCursor(first: nil).following(place, mark: 7).shrunk(to: 25)
      #expect(PageCursor(cursor.text) == cursor)
      #expect(PageCursor(cursor.text)?.place == place)
    }
  }

  @Test(
    "other texts are no cursors",
    arguments: [
      "", "1", "1 0 0 0 x", "2 1 0 0 x", "1 -1 0 0 x", "1 1 ? 0 x", "c_12_9", "2 {}",
      "2 {\"pages\":-1}",
    ])
  func refused(text: String) {
    #expect(PageCursor(text) == nil)
  }

  @Test("every circle is noticed within three times its way, also when each page is a new attempt")
  func circles() {
    for lead in 0..<20 {
      for length in 1..<20 {
        var cursor = PageCursor(first: nil)
        var steps = 0
        let circle = #expect(throws: PageCursor.Circle.self) {
          while steps < 1_000 {
            steps += 1
            let page = steps <= lead ? steps : lead + (steps - lead) % length
            let next = try cursor.following(
              PageCursor.Place(position: "\(page)"), mark: Fingerprint.of("\(page)"))
            cursor = PageCursor(next.text) ?? next
          }
        }
        #expect(circle != nil)
        #expect(steps <= 3 * (lead + length) + 3, "\(lead) \(length)")
      }
    }
  }

  @Test("a long way without a circle is none")
  func straight() throws {
    var cursor = PageCursor(first: "0")
    for page in 1...5_000 {
      cursor = try cursor.following(
        PageCursor.Place(position: "\(page)"), mark: Fingerprint.of("\(page)"))
    }
    #expect(cursor.pages == 5_000)
    #expect(cursor.text.utf8.count < 60)
  }
}

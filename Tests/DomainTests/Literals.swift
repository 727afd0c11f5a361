import Domain
import Testing

/// Shorthand for the tests: values written as people write them.
func date(_ text: String) throws -> CivilDate {
  try #require(CivilDate(text))
}

func instant(_ text: String) throws -> Instant {
  try #require(Instant(text))
}

func window(_ from: String, _ to: String) throws -> Window {
  Window(from: try instant(from), to: try instant(to))
}

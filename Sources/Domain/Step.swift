/// The length of a partition, on the wall clock of the backfill's zone.
public enum Step: Hashable, Sendable {
  /// So many minutes of elapsed time; 1...1440.
  case minutes(Int)
  /// So many hours of elapsed time.
  case hours(Int)
  /// So many calendar days.
  case days(Int)
  /// So many calendar weeks, from the window's first day.
  case weeks(Int)
  /// So many calendar months, from the window's first day.
  case months(Int)
}

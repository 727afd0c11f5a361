/// What a session with the store sets, so that plans stay good however the tables grow.
public enum StoreSession {
  /// For `ConnectionSettings.session`.
  ///
  /// A statement is planned once per session, perhaps while the tables are empty, and the plan that
  /// is best for a table of one page reads it whole: over a million partitions that takes a second
  /// instead of a tenth of a millisecond, until the server happens to analyze the table. So
  /// statements are planned anew each time, by the tables' present size; those that run thousands of
  /// times a second are functions, whose plans can take one shape only. And no bitmaps: on tables
  /// that were never analyzed, the whole index of what runs was read for each row looked up.
  public static let settings = [
    "plan_cache_mode": "force_custom_plan", "enable_bitmapscan": "off", "jit": "off",
  ]
}

extension Window {
  /// All of time.
  public static let always = Window(
    from: Instant(microseconds: .min), to: Instant(microseconds: .max))
}

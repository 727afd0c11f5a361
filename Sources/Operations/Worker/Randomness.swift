/// A source of randomness that is handed in, so that tests can repeat what they saw.
public struct Randomness: RandomNumberGenerator, Sendable {
  private let draw: @Sendable () -> UInt64

  /// Randomness that draws each number from a closure.
  public init(draw: @escaping @Sendable () -> UInt64) {
    self.draw = draw
  }

  /// The next random number.
  public func next() -> UInt64 { draw() }
}

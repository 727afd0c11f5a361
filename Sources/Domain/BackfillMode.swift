/// What a backfill does.
public enum BackfillMode: String, CaseIterable, Sendable {
  /// It reads a window of a source.
  case load
  /// It takes records again that were rejected before; it covers no window.
  case redrive
  /// It compares what another has loaded with the source, and writes no document.
  case verify
}

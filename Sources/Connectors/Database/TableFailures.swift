import Domain
import Postgres

extension SourceFailure {
  /// What a database's error means for a reading; the message holds no row and no password.
  init(_ error: PostgresError, source: String) {
    let said = "The database of \(source) says: \(error.message)"
    guard let state = error.sqlState else {
      let kind: Kind
      switch error.code {
      case .invalidSettings, .misuse, .decoding, .encoding: kind = .misconfigured
      case .connectTimedOut: kind = .timeout
      default: kind = .network
      }
      self.init(kind, said)
      return
    }
    switch (state, state.errorClass) {
    case (.queryCanceled, _):
      self.init(
        .timeout,
        "The database of \(source) took too long; add an index over the event time and the keys, "
          + "take a smaller step, or raise statement_seconds.")
    case (_, "28"), ("42501", _): self.init(.unauthorized, "\(said); check its user and rights.")
    case (_, "3D"), (_, "42"), (_, "22"), (_, "0A"): self.init(.refused, said)
    default: self.init(.unavailable, said)
    }
  }
}

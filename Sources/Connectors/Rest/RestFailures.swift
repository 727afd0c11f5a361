import Domain
import Outbound

extension SourceFailure {
  /// Why a request got no answer, as far as it matters for the next step.
  init(_ error: OutboundError) {
    let kind: Kind =
      switch error.kind {
      case .invalidRequest: .misconfigured
      case .resolve, .connect, .tls, .cutOff, .staleConnection, .failed, .cancelled: .network
      case .timeout: .timeout
      case .tooLarge, .malformed: .invalidPage
      case .addressRefused, .redirectRefused, .mailRefused: .refused
      }
    self.init(kind, error.message, requests: error.requests)
  }
}

extension Pagination.Fault {
  /// What the source gave, as a sentence goes on after "gave".
  var words: String {
    switch self {
    case .moreWithoutToken: "an answer that promises more, but does not say where"
    case .moreAfterNothing: "an answer without records that promises more, which would never end"
    case .recordWithoutID: "a last record without the id that the next page is asked by"
    case .badPosition(let position): "a position that is no number: \(position)"
    }
  }
}

extension RequestTemplate.LinkFault {
  /// What the source gave, as a sentence goes on after "gave".
  var words: String {
    switch self {
    case .unreadable: "a link to the next page that is no address"
    case .otherHost(let host):
      "a link to the next page on another host, \(host), which is not followed"
    case .holdsSecret: "a link to the next page that holds the credentials, which is not kept"
    }
  }
}

import Testing

/// The faults that the product must take.
///
/// One test at a time: each keeps both processors busy.
@Suite(.serialized) enum FaultTests {}

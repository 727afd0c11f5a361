import CLibPQ

/// The parts of a message of the server, by the letters of libpq's `PG_DIAG_…` macros, which Swift
/// does not import.
enum DiagnosticField: Unicode.Scalar {
  case severity = "V"
  case sqlState = "C"
  case message = "M"
  case detail = "D"
  case hint = "H"
  case table = "t"
  case constraint = "n"
  case serverFunction = "R"

  /// This part of a message, nil where the server gave none.
  func callAsFunction(of result: OpaquePointer?) -> String? {
    PQresultErrorField(result, Int32(rawValue.value)).map { String(cString: $0) }
  }
}

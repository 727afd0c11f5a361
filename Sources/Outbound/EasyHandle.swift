import CLibCurl

/// One libcurl easy handle with its error text, for one transfer, on the loop's thread alone.
///
/// Handles are not used again: after HTTP/2 some keep a buffer that the next transfer may not have,
/// and a fresh one costs microseconds. Connections live on in the loop.
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private var fault: CURLcode = CURLE_OK

  init?() {
    guard let raw = curl_easy_init() else { return nil }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    note(curl_easy_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
    // Signals belong to the program: without this libcurl would use SIGALRM for name look-ups.
    set(CURLOPT_NOSIGNAL, 1)
  }

  deinit {
    curl_easy_cleanup(raw)
    for list in lists { curl_slist_free_all(list) }
    errorText.deallocate()
  }

  func set(_ option: CURLoption, _ value: Int) {
    note(curl_easy_set_long(raw, option, value))
  }

  func setBytes(_ option: CURLoption, _ value: Int) {
    note(curl_easy_set_offset(raw, option, curl_off_t(value)))
  }

  func set(_ option: CURLoption, _ value: String) {
    note(curl_easy_set_string(raw, option, value))
  }

  func set(_ option: CURLoption, list: [String]) {
    var head: UnsafeMutablePointer<curl_slist>?
    for line in list {
      guard let longer = curl_slist_append(head, line) else { return note(CURLE_OUT_OF_MEMORY) }
      head = longer
    }
    guard let head else { return }
    lists.append(head)
    note(curl_easy_set_list(raw, option, head))
  }

  /// Keeps the first option that libcurl refused, so that no transfer runs without it.
  func note(_ code: CURLcode) {
    if fault == CURLE_OK { fault = code }
  }

  /// The first refusal of an option; nil when all were taken.
  var refusedOption: String? {
    fault == CURLE_OK ? nil : String(cString: curl_easy_strerror(fault))
  }

  func number(_ info: CURLINFO) -> Int {
    var value = 0
    return curl_easy_get_long(raw, info, &value) == CURLE_OK ? value : 0
  }

  /// What libcurl says of a failure, without the full stop.
  func reason(_ code: CURLcode) -> String {
    let text = String(cString: errorText)
    return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
  }
}

/// Who a mail goes from and to, as the server is told.
struct MailEnvelope: Sendable {
  let sender: String
  let recipients: [String]
}

extension Mail {
  /// The envelope; throws `invalidRequest` where an address or the id could end its line or
  /// bracket.
  func envelope() throws(OutboundError) -> MailEnvelope {
    guard !recipients.isEmpty else {
      throw OutboundError(.invalidRequest, "A mail needs a recipient.")
    }
    for address in [sender] + recipients where !isMailbox(address.mailbox) {
      throw OutboundError(
        .invalidRequest, "\(encodedWords(address.mailbox)) is not a mail address.")
    }
    guard isMailbox(id) else {
      throw OutboundError(.invalidRequest, "A mail's id must look like name@host.")
    }
    return MailEnvelope(
      sender: "<\(sender.mailbox)>", recipients: recipients.map { "<\($0.mailbox)>" })
  }

  /// The message (RFC 5322): whatever stands in names, subject and text cannot become a header.
  var message: String {
    let headers = [
      "From: \(header(sender))",
      "To: \(recipients.map(header).joined(separator: ",\r\n "))",
      "Subject: \(encodedWords(subject))",
      "Date: \(mailDate(date))",
      "Message-ID: <\(id)>",
      // Keeps absence notices from being answered to.
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
    ]
    return headers.joined(separator: "\r\n") + "\r\n\r\n" + base64Lines(Array(text.utf8))
  }

  private func header(_ address: Address) -> String {
    guard let name = address.name, !name.isEmpty else { return "<\(address.mailbox)>" }
    return "\(encodedWords(name)) <\(address.mailbox)>"
  }
}

/// A mailbox without quotes, comments or letters beyond ASCII: one @ between two plain parts.
private func isMailbox(_ text: String) -> Bool {
  let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
  return parts.count == 2
    && parts.allSatisfy { part in
      (1...255).contains(part.count)
        && part.allSatisfy {
          $0 > 0x20 && $0 < 0x7F && !"\"(),:;<>[\\]".utf8.contains($0)
        }
    }
}

/// A text as words of a header (RFC 2047): base64 in pieces of whole characters, each line short
/// enough.
///
/// Control characters become blanks, for some readers take them for line ends.
func encodedWords(_ text: String) -> String {
  let plain = String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  var words: [[UInt8]] = [[]]
  for scalar in plain.unicodeScalars {
    let bytes = Array(String(scalar).utf8)
    // 45 bytes become 60 letters; with the frame and the name of the header a line keeps below 78.
    if words[words.count - 1].count + bytes.count > 42 { words.append([]) }
    words[words.count - 1] += bytes
  }
  return words.map { "=?utf-8?B?\(base64($0))?=" }.joined(separator: "\r\n ")
}

private func base64Lines(_ bytes: [UInt8]) -> String {
  stride(from: 0, to: bytes.count, by: 57)
    .map { base64(Array(bytes[$0..<min($0 + 57, bytes.count)])) + "\r\n" }.joined()
}

/// Base64 (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var encoded: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = (0..<3).reduce(0) {
      $0 << 8 | (group.indices.contains(start + $1) ? Int(group[start + $1]) : 0)
    }
    for place in 0..<4 {
      let letter = letters[bits >> (18 - 6 * place) & 63]
      encoded.append(place > group.count ? UInt8(ascii: "=") : letter)
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}

/// An instant as mails write it, in UTC: `Thu, 01 Jan 1970 00:00:00 +0000`.
func mailDate(_ seconds: Int64) -> String {
  let (days, second) = (seconds.flooredDivision(by: 86400), seconds.flooredRemainder(by: 86400))
  let date = civilDate(days)
  let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(days.flooredRemainder(by: 7))]
  let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  let time = [second / 3600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
  return "\(weekday), \(twoDigits(date.day)) \(months[date.month - 1]) \(date.year) \(time) +0000"
}

private func twoDigits(_ number: some BinaryInteger) -> String {
  number < 10 ? "0\(number)" : "\(number)"
}

/// The day of the Gregorian calendar so many days after 1970-01-01, counted in years that begin in
/// March, so that the leap day comes last.
private func civilDate(_ days: Int64) -> (year: Int64, month: Int, day: Int) {
  let shifted = days + 719_468
  let era = shifted.flooredDivision(by: 146_097)
  let dayOfEra = shifted.flooredRemainder(by: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let day = Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  let month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

extension Int64 {
  fileprivate func flooredRemainder(by divisor: Int64) -> Int64 {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }

  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    (self - flooredRemainder(by: divisor)) / divisor
  }
}

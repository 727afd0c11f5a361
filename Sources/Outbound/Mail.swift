/// One mail of plain text.
public struct Mail: Hashable, Sendable {
  /// A mailbox and the name beside it.
  public struct Address: Hashable, Sendable {
    /// The name for people; nil for none.
    public var name: String?
    /// The mailbox, such as `finance@example.com`.
    public var mailbox: String

    /// An address.
    public init(_ mailbox: String, name: String? = nil) {
      self.name = name
      self.mailbox = mailbox
    }
  }

  /// Who sends it.
  public var sender: Address
  /// Who gets it; at least one.
  public var recipients: [Address]
  /// The subject, in any language.
  public var subject: String
  /// The text, in any language.
  public var text: String
  /// The identity that receivers know a repeated mail by, such as `notice-17@example.com`.
  public var id: String
  /// When it was written, in seconds since 1970.
  public var date: Int64

  /// A mail.
  public init(
    from sender: Address, to recipients: [Address], subject: String, text: String, id: String,
    date: Int64
  ) {
    self.sender = sender
    self.recipients = recipients
    self.subject = subject
    self.text = text
    self.id = id
    self.date = date
  }
}

/// What an order or refund says, before it is written as JSON.
struct ShopRecord {
  /// One line of an order.
  struct Item {
    let product: Int
    let quantity: Int
    let cents: Int
  }

  let id: String
  let createdAt: Timestamp
  let updatedAt: Timestamp
  let status: String
  let currency: String
  /// The amount, negative for a refund.
  let cents: Int
  let customer: Int
  let items: [Item]
}

extension Shop {
  /// The record at a place of a day.
  func record(_ stream: SampleStream, _ day: SampleDay, _ index: Int) -> ShopRecord {
    let created = createdAt(stream, day, index)
    let items = items(stream, day, index)
    let total = items.reduce(0) { $0 + $1.cents * $1.quantity }
    let delay = Int64(random(stream, day, index, .update) % 259_200) * 1_000_000
    let currency = random(stream, day, index, .currency) % 100
    return ShopRecord(
      id: id(stream, day, index), createdAt: created,
      updatedAt: Timestamp(microseconds: created.microseconds + delay),
      status: statuses[stream]?[Int(random(stream, day, index, .status) % 4)] ?? "",
      currency: currency < 78 ? "EUR" : currency < 92 ? "USD" : "GBP",
      cents: stream == .orders ? total : -total,
      customer: Int(random(stream, day, index, .customer) % 50_000), items: items)
  }

  /// Unique in the shop: different places never mix to the same number.
  private func id(_ stream: SampleStream, _ day: SampleDay, _ index: Int) -> String {
    let place =
      UInt64(UInt32(truncatingIfNeeded: day.number)) << 32
      | UInt64(UInt32(truncatingIfNeeded: index))
    let digits = String(mixed(place ^ configuration.seed), radix: 16)
    return (stream == .orders ? "ord_" : "ref_") + padded16(digits)
  }

  private func items(_ stream: SampleStream, _ day: SampleDay, _ index: Int) -> [ShopRecord.Item] {
    var bits = random(stream, day, index, .items)
    func take(_ bound: UInt64) -> Int {
      defer { bits /= bound }
      return Int(bits % bound)
    }
    return (0...take(2)).map { _ in
      let product = take(UInt64(products.count))
      return ShopRecord.Item(
        product: product, quantity: 1 + take(3), cents: products[product].cents - take(4) * 50)
    }
  }

  /// Appends a record as JSON, of about 450 bytes for an order.
  func write(_ record: ShopRecord, of stream: SampleStream, to bytes: inout [UInt8]) {
    bytes += "{\"id\":\"\(record.id)\",\"created_at\":\"\(record.createdAt.text)\"".utf8
    bytes += ",\"updated_at\":\"\(record.updatedAt.text)\",\"status\":\"\(record.status)\"".utf8
    bytes += ",\"currency\":\"\(record.currency)\",\"amount\":\"\(decimal(record.cents))\"".utf8
    writeCustomer(record.customer, to: &bytes)
    bytes += ",\"items\":[".utf8
    for (place, item) in record.items.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      let product = products[item.product]
      bytes += "{\"sku\":\"\(product.sku)\",\"title\":\"\(product.title)\"".utf8
      bytes += ",\"quantity\":\(item.quantity),\"price\":\"\(decimal(item.cents))\"}".utf8
    }
    bytes += "]}".utf8
  }

  private func writeCustomer(_ number: Int, to bytes: inout [UInt8]) {
    let (first, last) = (
      firstNames[number % firstNames.count], lastNames[number / 7 % lastNames.count]
    )
    bytes += ",\"customer\":{\"id\":\"cus_\(padded(number, 8))\",\"name\":\"\(first) \(last)\"".utf8
    bytes += ",\"email\":\"customer\(number)@example.com\"".utf8
    bytes += ",\"country\":\"\(countries[number % countries.count])\"}".utf8
  }
}

private func padded16(_ digits: String) -> String {
  String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

private let statuses: [SampleStream: [String]] = [
  .orders: ["paid", "paid", "shipped", "delivered"],
  .refunds: ["succeeded", "succeeded", "succeeded", "pending"],
]
private let products: [(sku: String, title: String, cents: Int)] = [
  ("MUG-BLUE", "Blue stoneware mug, 350 ml", 1495),
  ("TEA-0100", "Assam tea, loose leaf, 100 g", 890),
  ("TEA-0250", "Darjeeling first flush, 250 g", 2450),
  ("KET-1700", "Kettle, brushed steel, 1.7 l", 5990),
  ("FIL-0100", "Paper filters, unbleached, 100", 495),
  ("CUP-0006", "Set of six espresso cups", 3900),
  ("COF-1000", "Coffee beans \\\"Café Norte\\\", 1 kg", 2190),
  ("SPO-0004", "Teaspoons, set of four", 1250),
]
private let firstNames = [
  "Ada", "Björn", "Chloé", "Dana", "Emre", "Françoise", "Grace", "Håkon", "Inês", "Jürgen", "Kim",
]
private let lastNames = [
  "Lovelace", "Müller", "Nowak", "Okafor", "Papadopoulos", "Quist", "Rossi", "Søndergaard",
  "Tanaka",
]
private let countries = ["DE", "FR", "NL", "PL", "ES", "GB", "US", "IT", "SE"]

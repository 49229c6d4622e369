package import MartletCore

extension ByteReader {
  /// A number of variable width that fits in half of an `Int`.
  package mutating func integer() throws -> Int {
    guard let number = Int(exactly: try variable()), number < 1 << 56 else {
      throw Malformed(reason: "a number in it is too large")
    }
    return number
  }

  /// A list: the number of its items, then each, which takes at least `minimumSize` bytes.
  package mutating func list<Item>(
    minimumSize: Int = 1, _ read: (inout ByteReader) throws -> Item
  ) throws -> [Item] {
    let count = try count(minimumSize: minimumSize)
    var items: [Item] = []
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }

  /// A text that may be missing.
  package mutating func optionalString() throws -> String? {
    let text = try string()
    return text.isEmpty ? nil : text
  }

  package mutating func flag() throws -> Bool { try fixed(UInt8.self) != 0 }
}

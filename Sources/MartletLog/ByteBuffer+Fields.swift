package import MartletCore

extension ByteBuffer {
  /// A buffer with a copy of `bytes`.
  package convenience init(_ bytes: UnsafeRawBufferPointer) {
    self.init(capacity: bytes.count)
    append(bytes)
  }

  /// Appends a copy of `bytes`.
  package func append(_ bytes: UnsafeRawBufferPointer) {
    if let start = bytes.baseAddress { append(start, count: bytes.count) }
  }

  /// Appends zeros.
  func append(zeros count: Int) { for _ in 0..<count { append(UInt8(0)) } }

  /// Appends the number of items, then each item.
  package func append<Item>(_ items: [Item], _ write: (ByteBuffer, Item) -> Void) {
    append(variable: UInt64(items.count))
    for item in items { write(self, item) }
  }

  /// Appends a text that may be missing; an empty one counts as missing.
  package func append(optional text: String?) { append(text ?? "") }

  package func append(_ flag: Bool) { append(UInt8(flag ? 1 : 0)) }
}

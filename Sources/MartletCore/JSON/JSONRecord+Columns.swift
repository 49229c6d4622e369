// What data frames read from records, besides texts.

extension JSONRecord {
  /// The number if it is written without a fraction and an exponent, and is one of `Int64`.
  package func wholeNumber(_ index: Int) -> Int64? {
    let node = self[index]
    if node.kind == .integer { return node.integer }
    return node.kind == .number && !isFraction(index) ? Int64(number(node)) : nil
  }

  /// True if a number is written with a fraction or an exponent.
  package func isFraction(_ index: Int) -> Bool {
    let node = self[index]
    return node.kind == .number
      && number(node).utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
  }

  /// The nearest `Double` of a number; `nil` if it is too large, or for anything else.
  package func nearestDouble(_ index: Int) -> Double? {
    let node = self[index]
    if node.kind == .integer { return Double(node.integer) }
    guard node.kind == .number else { return nil }
    let value = JSONNumbers.double(contents.pointee.base + node.offset, count: node.count)
    return value.isFinite ? value : nil
  }

  /// A number as it is written.
  package func number(_ index: Int) -> String {
    let node = self[index]
    return node.kind == .integer ? "\(node.integer)" : number(node)
  }

  private func number(_ node: JSONNode) -> String {
    String(decoding: UnsafeBufferPointer(start: contents.pointee.base + node.offset, count: node.count), as: UTF8.self)
  }

  /// The bytes that a string represents in Base64; `nil` if it is of another form.
  package func base64(_ index: Int) -> [UInt8]? { text(index).withUTF8Bytes { Base64.decoded($0) } }

  /// True if the field of a key does not count, because an earlier one has its name.
  package func isShadowed(_ key: Int) -> Bool { self[key].isShadowed }

  /// True if a key is this name, and its field counts.
  @inline(__always)
  package func isName(_ key: Int, _ name: Text) -> Bool { name.withUTF8Bytes { isKey(key, $0) } }

  /// Any value as JSON without white space.
  package func json(_ index: Int) -> Text {
    var bytes: [UInt8] = []
    write(index, to: &bytes)
    return Text(decoding: bytes)
  }

  private func write(_ index: Int, to bytes: inout [UInt8]) {
    let node = self[index]
    switch node.kind {
    case .null: bytes += "null".utf8
    case .true: bytes += "true".utf8
    case .false: bytes += "false".utf8
    case .integer, .number: bytes += number(index).utf8
    case .string, .key:
      // With its escapes.
      bytes.append(UInt8(ascii: "\""))
      bytes += UnsafeBufferPointer(start: contents.pointee.base + node.offset, count: node.count)
      bytes.append(UInt8(ascii: "\""))
    case .array:
      bytes.append(UInt8(ascii: "["))
      var item = index + 1
      while item < node.end {
        if item > index + 1 { bytes.append(UInt8(ascii: ",")) }
        write(item, to: &bytes)
        item = self.index(after: item)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object:
      bytes.append(UInt8(ascii: "{"))
      var key = index + 1
      while key < node.end {
        if key > index + 1 { bytes.append(UInt8(ascii: ",")) }
        write(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        write(key + 1, to: &bytes)
        key = self.index(after: key + 1)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

// Unsafe code. Invariant: `cast` is only called where both types have been found to be the same.

extension JSONRecord {
  func mismatch(_ type: Any.Type, _ index: Int) -> DecodingError {
    let node = self[index]
    let message = "a value of type \(type) is required, not \(node.name)"
    let context = DecodingError.Context(codingPath: path(to: index), debugDescription: message)
    return node.kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  func corrupt(_ index: Int, _ message: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path(to: index), debugDescription: message))
  }

  func missing(_ key: any CodingKey, _ object: Int) -> DecodingError {
    .keyNotFound(key, .init(codingPath: path(to: object), debugDescription: "the field is missing"))
  }

  // MARK: Plain values

  @inline(__always)
  func isNull(_ index: Int) -> Bool { self[index].kind == .null }

  func bool(_ index: Int) throws -> Bool {
    switch self[index].kind {
    case .true: return true
    case .false: return false
    default: throw mismatch(Bool.self, index)
    }
  }

  @inline(__always)
  func integer<Number: FixedWidthInteger>(_ type: Number.Type, _ index: Int) throws -> Number {
    let node = self[index]
    if node.kind == .integer, let value = Number(exactly: node.integer) { return value }
    return try otherInteger(type, index)
  }

  @inline(never)
  private func otherInteger<Number: FixedWidthInteger>(_ type: Number.Type, _ index: Int) throws -> Number {
    let node = self[index]
    if node.kind == .integer { throw corrupt(index, "the number \(node.integer) is out of the range of \(type)") }
    guard node.kind == .number else { throw mismatch(type, index) }
    let parts = JSONNumbers.Parts(contents.pointee.base + node.offset, count: node.count)
    if let number = parts.integer(type) { return number }
    throw corrupt(
      index,
      "the number \(numberText(node)) is \(parts.isInteger ? "out of the range of \(type)" : "not an integer, which \(type) is")"
    )
  }

  @inline(__always)
  func double(_ index: Int) throws -> Double {
    let node = self[index]
    if node.kind == .integer { return Double(node.integer) }
    guard node.kind == .number else { throw mismatch(Double.self, index) }
    let value = JSONNumbers.double(contents.pointee.base + node.offset, count: node.count)
    guard value.isFinite else {
      throw corrupt(index, "the number \(numberText(node)) is out of the range of Double")
    }
    return value
  }

  func float(_ index: Int) throws -> Float {
    let node = self[index]
    if node.kind == .integer { return Float(node.integer) }
    guard node.kind == .number else { throw mismatch(Float.self, index) }
    let value = JSONNumbers.float(contents.pointee.base + node.offset, count: node.count)
    guard value.isFinite else { throw corrupt(index, "the number \(numberText(node)) is out of the range of Float") }
    return value
  }

  func stringValue(_ index: Int) throws -> String {
    guard self[index].kind == .string else { throw mismatch(String.self, index) }
    return string(index)
  }

  @inline(__always)
  func textValue(_ index: Int) throws -> Text {
    guard self[index].kind == .string else { throw mismatch(Text.self, index) }
    return text(index)
  }

  /// The text of a number that is none of the kind `integer`; at most 100 bytes of it.
  func numberText(_ node: JSONNode) -> String {
    let bytes = UnsafeBufferPointer(start: contents.pointee.base + node.offset, count: min(100, node.count))
    return String(decoding: bytes, as: UTF8.self) + (node.count > 100 ? "…" : "")
  }

  // MARK: Other types

  /// A value of any type.
  func value<Value: Decodable>(_ type: Value.Type, _ index: Int) throws -> Value {
    switch contents.pointee.types.kind(of: type) {
    case .text:
      guard self[index].kind == .string else { throw mismatch(type, index) }
      var words: (UInt64, UInt64, UInt) = (0, 0, 0)
      return withUnsafeMutablePointer(to: &words) { place in
        // Safe: these words are as large as a text, and `Value` is `Text`. It is moved, because a copy would count
        // references.
        let place = UnsafeMutableRawPointer(place)
        place.assumingMemoryBound(to: Text.self).initialize(to: text(index))
        return place.assumingMemoryBound(to: Value.self).move()
      }
    case .plain, .dictionaryKey: break
    case .texts: if let values = items(index, .string, { text($0) }) { return cast(values, to: type) }
    case .strings: if let values = items(index, .string, { string($0) }) { return cast(values, to: type) }
    case .integers:
      if let values = items(index, .integer, { Int(self[$0].integer) }) { return cast(values, to: type) }
    case .date, .url, .data, .decimal:
      return try Value(from: try foreign(contents.pointee.types.kind(of: type), type, index))
    }
    contents.pointee.depth += 1
    defer { contents.pointee.depth -= 1 }
    // Types that contain themselves recurse as deep as the text is nested.
    if contents.pointee.depth > 32, self[index].kind == .object || self[index].kind == .array {
      let stack = contents.pointee.stack ?? StackSpace()
      contents.pointee.stack = stack
      guard stack.has(128 << 10) else { throw corrupt(index, "the values are nested too deeply for the stack") }
    }
    return try Value(from: JSONValueDecoder(self, index))
  }

  /// The items of an array that are all of one kind; `nil` for anything else.
  private func items<Item>(_ array: Int, _ kind: JSONNode.Kind, _ item: (Int) -> Item) -> [Item]? {
    let node = self[array]
    guard node.kind == .array else { return nil }
    var items: [Item] = []
    items.reserveCapacity(node.mark)
    for index in (array + 1)..<max(array + 1, node.end) {
      guard self[index].kind == kind else { return nil }
      items.append(item(index))
    }
    return items
  }
}

/// The value as one of the same type, which has another name in generic code.
private func cast<From, To>(_ value: From, to type: To.Type) -> To {
  withUnsafePointer(to: value) { UnsafeRawPointer($0).assumingMemoryBound(to: To.self).pointee }
}

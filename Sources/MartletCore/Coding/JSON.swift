extension DynamicValue {
  /// The value that bytes of JSON are.
  ///
  /// - Throws: `JSONRecordError` if they are not one value and nothing else.
  package init(json: some Collection<UInt8>) throws(JSONRecordError) {
    guard let text = Text(validating: json) else { throw JSONRecordError(.notUTF8) }
    let reader = JSONRecordReader(JSONRecordDecoder())
    let record = try reader.read(text)
    self = try record.dynamicValue(0, depth: 0)
  }
}

extension JSONRecord {
  fileprivate func dynamicValue(_ index: Int, depth: Int) throws(JSONRecordError) -> DynamicValue {
    guard depth < BinaryNode.maximumDepth else {
      throw JSONRecordError(JSONSyntaxError(offset: self[index].offset, message: "the value is nested too deeply"))
    }
    switch self[index].kind {
    case .null: return .null
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .integer: return .signed(self[index].integer)
    case .number:
      if let value = wholeNumber(index) { return .signed(value) }
      if let value = UInt64(number(index)) { return .unsigned(value) }
      guard let value = nearestDouble(index) else {
        throw JSONRecordError(
          JSONSyntaxError(offset: self[index].offset, message: "the number is out of the range of Double"))
      }
      return .double(value)
    case .string, .key: return .string(string(index))
    case .array:
      var items: [DynamicValue] = []
      var item = index + 1
      while item < self[index].end {
        items.append(try dynamicValue(item, depth: depth + 1))
        item = self.index(after: item)
      }
      return .array(items)
    case .object:
      var fields: [DynamicValue.Field] = []
      var key = index + 1
      while key < self[index].end {
        if !isShadowed(key) {
          fields.append(DynamicValue.Field(string(key), try dynamicValue(key + 1, depth: depth + 1)))
        }
        key = self.index(after: key + 1)
      }
      return .object(fields)
    }
  }
}

extension DynamicValue {
  /// The parts of a `Codable` value by their names, as JSON has them.
  package init<Value: Encodable>(encoding value: Value) throws {
    let keys = BinaryKeys(isJSON: true)
    self.init(try BinaryEncoder.node(of: value, keys, path: []), keys.names)
  }

  /// The value of a `Codable` type that this was made of.
  package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    let keys = BinaryKeys(isJSON: true)
    return try BinaryDecoder(BinaryNode(self, keys), keys, path: []).value(type)
  }

  /// The fields of an object; `nil` of anything else.
  package var fields: [Field]? { if case .object(let fields) = self { fields } else { nil } }
}

extension BinaryNode {
  fileprivate init(_ value: DynamicValue, _ keys: BinaryKeys) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .signed(let value): self = .signed(value)
    case .unsigned(let value): self = .unsigned(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .unkeyed(values.map { BinaryNode($0, keys) })
    case .object(let fields): self = .keyed(fields.map { (keys.number($0.name), BinaryNode($0.value, keys)) })
    case .bytes(let bytes): self = .unkeyed(bytes.map { .unsigned(UInt64($0)) })
    }
  }
}

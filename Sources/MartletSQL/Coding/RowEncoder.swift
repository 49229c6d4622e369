internal import MartletCore

/// An encoder of values into rows, whose columns have the names of the properties.
///
/// ```swift
/// struct Person: Codable { var name: String, age: Int? }
/// let encoder = RowEncoder(try StructType(of: Person.self))
/// let row = try encoder.encode(Person(name: "Alice", age: nil))  // [Alice,null]
/// ```
/// The types of properties are those of ``RowDecoder``.
public struct RowEncoder: Sendable {
  private let schema: StructType

  /// Creates an encoder for rows with these columns.
  public init(_ schema: StructType) { self.schema = schema }

  /// The row of a value. A property that is `nil` is `NULL`.
  /// - Throws: `MartletError` of the code `invalidArgument` if the value is not a struct of the columns, or a property of
  ///   a column that is not nullable is `nil`.
  public func encode(_ value: some Encodable) throws -> Row {
    let encoded = try encodedValue(value, Place(names: []))
    let isSingle = schema.fields.count == 1 && value is any ValueConvertible
    let whole = isSingle ? Value.row(Row(values: [encoded], schema: schema)) : encoded
    guard case .row(let row) = try fitted(whole, .struct(schema), Place(names: [])) else {
      throw MartletError(.invalidArgument, "A \(type(of: value)) is not a row; its type must have properties")
    }
    return row
  }

  /// The value with the fields of the type, in their order.
  private func fitted(_ value: Value, _ type: DataType, _ place: Place) throws -> Value {
    switch (value, type) {
    case (.row(let row), .struct(let type)):
      let positions = FieldPositions(row.schema)
      if let unknown = row.fieldNames.first(where: { name in !type.fields.contains { $0.name == name } }) {
        throw MartletError(
          .invalidArgument,
          "\(place.description) has a property '\(unknown)', but no such column; the columns are "
            + type.names.joined(separator: ", "))
      }
      let values = try type.fields.map { field in
        let value = positions[field.name].map { row.values[$0] } ?? .null
        let place = place.appending(field.name)
        guard field.nullable || !value.isNull else {
          throw MartletError(.invalidArgument, "\(place.description) is nil, but is not nullable")
        }
        return try fitted(value, field.type, place)
      }
      return .row(Row(values: values, schema: type))
    case (.array(let elements), .array(let type)):
      return .array(try elements.enumerated().map { try fitted($1, type, place.appending("\($0)")) })
    case (.map(let entries), .map(let key, let value)):
      return .map(
        try entries.map {
          Value.MapEntry(try fitted($0.key, key, place), try fitted($0.value, value, place.appending("\($0.key)")))
        })
    default: return value
    }
  }
}

/// The value of a column that a value of Swift stands for.
func encodedValue(_ value: some Encodable, _ place: Place) throws -> Value {
  if let simple = value as? any ValueConvertible { return simple.value }
  if let dictionary = value as? any EncodableMap { return try dictionary.encoded(place) }
  let encoder = ValueEncoder(place: place)
  try value.encode(to: encoder)
  guard isFoundationDate(type(of: value)) else { return encoder.value }
  guard case .double(let seconds) = encoder.value, let time = timestamp(secondsSinceFoundationEpoch: seconds) else {
    throw MartletError(.invalidArgument, "\(place.description) is a date out of the range of timestamps")
  }
  return .timestamp(time)
}

/// A dictionary, which would otherwise encode itself as a struct.
private protocol EncodableMap {
  func encoded(_ place: Place) throws -> Value
}

extension Dictionary: EncodableMap where Key: Encodable, Value: Encodable {
  fileprivate func encoded(_ place: Place) throws -> MartletSQL.Value {
    .map(
      try map {
        MartletSQL.Value.MapEntry(
          try encodedValue($0.key, place), try encodedValue($0.value, place.appending("\($0.key)")))
      })
  }
}

/// The encoder of one value, which collects its parts. It is used by one `encode(to:)` at a time, on one thread.
final class ValueEncoder: Encoder, SingleValueEncodingContainer {
  let place: Place
  private var single: Value = .null
  private var names: [String] = []
  private var parts: [() -> Value] = []
  private var isKeyed = false
  private var isUnkeyed = false

  init(place: Place) { self.place = place }

  var codingPath: [any CodingKey] { place.names.map(NameKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// All that was encoded.
  var value: Value {
    let values = parts.map { $0() }
    if isKeyed {
      return .row(
        Row(values: values, schema: StructType(zip(names, values).map { StructField($0, $1.type) })))
    }
    return isUnkeyed ? .array(values) : single
  }

  var count: Int { parts.count }

  func add(_ name: String, _ part: @escaping () -> Value) {
    // A property that is encoded twice has its last value, as in a dictionary.
    if isKeyed, let index = names.firstIndex(of: name) {
      parts[index] = part
      return
    }
    names.append(name)
    parts.append(part)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    isKeyed = true
    return KeyedEncodingContainer(FieldContainer<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    isUnkeyed = true
    return ElementContainer(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() throws { single = .null }
  func encode(_ value: some Encodable) throws { single = try encodedValue(value, place) }
}

private struct FieldContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) throws { encoder.add(key.stringValue) { .null } }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    let value = try encodedValue(value, encoder.place.appending(key.stringValue))
    encoder.add(key.stringValue) { value }
  }

  private func nested(_ key: String) -> ValueEncoder {
    let nested = ValueEncoder(place: encoder.place.appending(key))
    encoder.add(key) { nested.value }
    return nested
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
  {
    nested(key.stringValue).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key.stringValue).unkeyedContainer()
  }

  // A type and the class that it inherits from are in the same row.
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { nested(key.stringValue) }
}

private struct ElementContainer: UnkeyedEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.count }

  func encodeNil() throws { encoder.add("") { .null } }

  func encode<T: Encodable>(_ value: T) throws {
    let value = try encodedValue(value, encoder.place.appending("\(count)"))
    encoder.add("") { value }
  }

  private func nested() -> ValueEncoder {
    let nested = ValueEncoder(place: encoder.place.appending("\(count)"))
    encoder.add("") { nested.value }
    return nested
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    nested().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
  func superEncoder() -> any Encoder { nested() }
}

import MartletCore

/// Writes the properties of values into rows, each into the column of its name. One task uses it.
final class PropertyEncoder: Encoder {
  /// The names of the columns, which are the properties to write; those of the first value unless they are given.
  private(set) var columns: [String]
  private let areGiven: Bool
  private var positions: [String: Int] = [:]
  private var row: [DatabaseValue] = []
  /// The column of the next property, if they come in the order of the columns.
  private var next = 0
  private var isKeyed = false
  private var isFirst = true

  /// - Parameter columns: the properties to write; all if it is empty.
  init(columns: [String]) {
    self.columns = columns
    areGiven = !columns.isEmpty
    for (index, name) in columns.enumerated() { positions[name] = index }
  }

  /// Appends the row of a value.
  ///
  /// A property that the value leaves out, as one that is `nil`, is null.
  /// - Throws: `MartletError` if a property is not one value; if the value has a property that the first one did not have,
  ///   or lacks a column that is given.
  func append(_ value: some Encodable, to batch: inout RowBatch) throws {
    for index in row.indices { row[index] = .null }
    if areGiven && isFirst { row = columns.map { _ in .null } }
    (next, isKeyed, seen) = (0, false, 0)
    try value.encode(to: self)
    guard isKeyed else {
      throw MartletError(
        .invalidArgument,
        "A \(type(of: value)) does not encode itself as properties with names, so that it has no columns. Write a tuple."
      )
    }
    if areGiven && isFirst && seen < columns.count {
      throw MartletError(
        .invalidArgument,
        "The columns \(listed(columns)) are to be written, but a \(type(of: value)) encodes only \(seen) properties with such names."
      )
    }
    isFirst = false
    if batch.width != columns.count { batch = RowBatch(width: columns.count) }
    for value in row { batch.append(value) }
  }

  private var seen = 0

  /// Sets the value of a property.
  @inline(__always)
  func put(_ value: @autoclosure () throws -> DatabaseValue, _ key: some CodingKey) throws {
    let name = key.stringValue
    var column = next
    if column >= columns.count || columns[column] != name {
      if let position = positions[name] {
        column = position
      } else if areGiven {
        return
      } else if isFirst {
        column = columns.count
        columns.append(name)
        positions[name] = column
        row.append(.null)
      } else {
        throw MartletError(
          .invalidArgument,
          "The property '\(name)' is not one of those of the first element, \(listed(columns)). Give the columns, or encode all properties of each element."
        )
      }
    }
    next = column + 1
    seen += 1
    row[column] = try value()
  }

  // A type and the class that it inherits from are in the same row.
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    isKeyed = true
    return KeyedEncodingContainer(PropertyContainer<Key>(encoder: self))
  }

  // What these encode is dropped, and `append` throws because the value has no properties.
  func unkeyedContainer() -> any UnkeyedEncodingContainer { ScalarEncoder(property: "").unkeyedContainer() }
  func singleValueContainer() -> any SingleValueEncodingContainer { ScalarEncoder(property: "") }
}

private struct PropertyContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: PropertyEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) throws { try encoder.put(.null, key) }
  func encode(_ value: Bool, forKey key: Key) throws { try encoder.put(.bool(value), key) }
  func encode(_ value: Int, forKey key: Key) throws { try encoder.put(.integer(Int64(value)), key) }
  func encode(_ value: Int32, forKey key: Key) throws { try encoder.put(.integer(Int64(value)), key) }
  func encode(_ value: Int64, forKey key: Key) throws { try encoder.put(.integer(value), key) }
  func encode(_ value: Double, forKey key: Key) throws { try encoder.put(.double(value), key) }
  func encode(_ value: Float, forKey key: Key) throws { try encoder.put(.float(value), key) }
  func encode(_ value: String, forKey key: Key) throws { try encoder.put(.text(Text(value)), key) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try encoder.put(try scalar(value, key.stringValue), key)
  }

  // Otherwise a property that is nil would be left out, and the first value might not have all columns.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try encoder.put(value.databaseValue, key) }
  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
    try encoder.put(try value.map { try scalar($0, key.stringValue) } ?? .null, key)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
  {
    ScalarEncoder(property: key.stringValue).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    ScalarEncoder(property: key.stringValue).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { encoder }
}

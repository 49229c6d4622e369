internal import MartletCore
internal import MartletDuckDB
public import MartletRDD

extension RDD where Element: Codable {
  /// The elements as a table whose columns are the properties: optional ones are nullable.
  ///
  /// ```swift
  /// struct Reading: Codable { var sensor: String, value: Double? }
  /// let table = try readings.toDF()
  /// ```
  /// The columns are built by a job that this call runs, in parallel by partition. They live as long as a frame, view or
  /// running query needs them. Properties that are arrays, dictionaries or structs become arrays, maps and structs.
  /// - Throws: `MartletError` if the type has no properties that could be columns; the errors of the job.
  @_disfavoredOverload
  public func toDF(file: StaticString = #fileID, line: UInt = #line) throws -> DataFrame {
    try propertyTable(OperatorSite("toDF", file, line))
  }

  /// `toDF()`, for async code: see `async(_:)`.
  @_disfavoredOverload
  public func toDFAsync(file: StaticString = #fileID, line: UInt = #line) async throws -> DataFrame {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.propertyTable(site) }, file: file, line: line)
  }

  func propertyTable(_ site: OperatorSite) throws -> DataFrame {
    let schema: StructType
    do { schema = try StructType(of: Element.self) } catch { throw site.failure(ofSource: error) }
    guard !schema.fields.isEmpty else {
      throw MartletError(
        .analysis, "\(site): The type \(Element.self) has no properties, so that its values are no rows. Add one.")
    }
    guard schema.isFlat else {
      let encoder = RowEncoder(schema)
      return try map { try encoder.encode($0) }.rowTable(schema, site)
    }
    return try table(schema, site) { reader, types in
      let encoder = ColumnEncoder(schema, types)
      try reader.forEachChunk { chunk in
        defer { chunk.discard() }
        for i in 0..<chunk.count { try encoder.append(chunk.base[i]) }
      }
      return encoder.builders
    }
  }
}

/// Appends the properties of values to columns. One task uses it.
private final class ColumnEncoder: Encoder {
  private let fields: [StructField]
  private let positions: [String: Int]
  var builders: [ColumnBuilder]
  /// The number of the current row, from 1.
  private var row = 0
  /// For each column, the last row that has a value there.
  private var written: [Int]
  private var count = 0
  /// The column of the next property, if they come in the order of the columns.
  private var next = 0
  private var isKeyed = false

  init(_ schema: StructType, _ types: [ColumnType]) {
    fields = schema.fields
    positions = Dictionary(schema.fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
    builders = types.map { ColumnBuilder($0) }
    written = types.map { _ in 0 }
  }

  func append(_ value: some Encodable) throws {
    row += 1
    (count, next, isKeyed) = (0, 0, false)
    try value.encode(to: self)
    guard isKeyed else {
      throw MartletError(.invalidArgument, "a \(type(of: value)) does not encode itself as properties with names.")
    }
    if count == fields.count { return }
    // Properties that are nil may be left out.
    for column in fields.indices where written[column] != row {
      guard fields[column].nullable else {
        throw MartletError(
          .invalidArgument, "the property '\(fields[column].name)' of a \(type(of: value)) is nil, but is not nullable."
        )
      }
      builders[column].appendNull()
    }
  }

  private func column(_ name: String) throws -> Int {
    var column = next
    if column >= fields.count || fields[column].name != name {
      guard let position = positions[name] else {
        throw MartletError(.invalidArgument, "there is a property '\(name)', but no such column.")
      }
      column = position
    }
    guard written[column] != row else {
      throw MartletError(.invalidArgument, "the property '\(name)' is encoded twice.")
    }
    next = column + 1
    count += 1
    written[column] = row
    return column
  }

  /// Appends a value of a type of the engine.
  @inline(__always)
  func put<Value: ColumnElement & ValueConvertible>(_ value: Value, _ key: some CodingKey) throws {
    let column = try column(key.stringValue)
    if fields[column].type == Value.dataType { return builders[column].append(value) }
    try builders[column].append(value.value, fields[column], row)
  }

  func put(_ value: Value, _ key: some CodingKey) throws {
    let column = try column(key.stringValue)
    try builders[column].append(value, fields[column], row)
  }

  // A type and the class that it inherits from are in the same row.
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    isKeyed = true
    return KeyedEncodingContainer(ColumnContainer<Key>(encoder: self))
  }

  // The columns are not nested, so that a value that is has another form than its type. What it encodes is dropped, and
  // `append` throws because a property is missing.
  func unkeyedContainer() -> any UnkeyedEncodingContainer { ValueEncoder(place: Place(names: [])).unkeyedContainer() }
  func singleValueContainer() -> any SingleValueEncodingContainer { ValueEncoder(place: Place(names: [])) }
}

private struct ColumnContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ColumnEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) throws { try encoder.put(.null, key) }
  func encode(_ value: Bool, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: String, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Double, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Float, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Int, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Int8, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Int16, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Int32, forKey key: Key) throws { try encoder.put(value, key) }
  func encode(_ value: Int64, forKey key: Key) throws { try encoder.put(value, key) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    if let text = value as? Text { return try encoder.put(text, key) }
    try encoder.put(try encodedValue(value, Place(names: [key.stringValue])), key)
  }

  private func nested(_ key: Key) -> ValueEncoder { ValueEncoder(place: Place(names: [key.stringValue])) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
  {
    nested(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { nested(key) }
}

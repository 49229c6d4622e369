internal import MartletCore

/// A decoder of rows into values of types whose properties have the names of the columns.
///
/// ```swift
/// struct Person: Decodable { var name: String, age: Int?, tags: [String] }
/// let person = try RowDecoder().decode(Person.self, from: row)
/// ```
/// | column | property |
/// |---|---|
/// | numbers | any type of number that has the value: `INT` to `Int`, `BIGINT` to `Int32` if it fits |
/// | `DECIMAL` | ``SQLDecimal`` |
/// | `DATE`, `TIMESTAMP`, `INTERVAL` | ``SQLDate``, ``SQLTimestamp`` or `Date`, ``SQLInterval`` |
/// | `STRING` | `String`, or an enumeration of strings |
/// | `BINARY` | `[UInt8]`, `Data` |
/// | `ARRAY`, `MAP` | arrays and sets, dictionaries |
/// | `STRUCT` | another `Decodable` type |
///
/// A property whose column may be `NULL` is optional. Columns without a property are ignored; a property without a column
/// is an error. Names are compared exactly, and then without case if there is no such column.
public struct RowDecoder: Sendable {
  private let positions: FieldPositions?

  public init() { positions = nil }

  /// A decoder for many rows with the same columns.
  init(_ schema: StructType) { positions = FieldPositions(schema) }

  /// The value of a row.
  /// - Throws: `MartletError` of the code `invalidArgument` that names the column: it is missing, of another type, out of
  ///   range, or `NULL` without an optional property.
  public func decode<Result: Decodable>(_ type: Result.Type, from row: Row) throws -> Result {
    if row.values.count == 1, let simple = type as? any ValueConvertible.Type, simple != Row.self {
      let place = Place(names: [row.fieldNames.first ?? "0"])
      return try ValueDecoder(value: row.values[0], place: place, positions: nil).converted(type)
    }
    return try ValueDecoder(value: .row(row), place: Place(names: []), positions: positions).converted(type)
  }
}

/// The positions of columns by their names.
struct FieldPositions: Sendable {
  private var exact: [String: Int] = [:]
  /// By names in lower case; without those that several columns have.
  private var folded: [String: Int] = [:]
  private var ambiguous: Set<String> = []
  let names: [String]

  init(_ schema: StructType) {
    names = schema.names
    var seen: Set<String> = []
    for (index, name) in names.enumerated() {
      if exact.updateValue(index, forKey: name) != nil { ambiguous.insert(name) }
      if seen.insert(name.lowercased()).inserted {
        folded[name.lowercased()] = index
      } else {
        folded[name.lowercased()] = nil
      }
    }
  }

  subscript(name: String) -> Int? { exact[name] ?? folded[name.lowercased()] }

  func isAmbiguous(_ name: String) -> Bool { ambiguous.contains(name) }
}

/// The path of a value in a row.
struct Place {
  var names: [String]

  func appending(_ name: String) -> Place { Place(names: names + [name]) }

  var description: String { names.isEmpty ? "The row" : "The column '\(names.joined(separator: "."))'" }
}

/// The decoder of one value: of a row, or of a value in it.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
  let value: Value
  let place: Place
  /// The positions of the columns of a row, if they are known for many rows.
  let positions: FieldPositions?

  var codingPath: [any CodingKey] { place.names.map(NameKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The value in a type, by a conversion or by its initializer.
  func converted<Result: Decodable>(_ type: Result.Type) throws -> Result {
    if let simple = type as? any ValueConvertible.Type {
      guard let result = simple.init(value: value) as? Result else { throw mismatch("\(type)") }
      return result
    }
    if isFoundationDate(type) {
      guard let time = SQLTimestamp(value: value) ?? SQLDate(value: value).map(SQLTimestamp.init) else {
        throw mismatch("Date")
      }
      return try type.init(
        from: ValueDecoder(value: .double(secondsSinceFoundationEpoch(time)), place: place, positions: nil))
    }
    if value.isNull, !(type is any OptionalType.Type) { throw mismatch("\(type)") }
    do {
      return try type.init(from: self)
    } catch let error as DecodingError {
      throw invalid("\(place.description) cannot be decoded as \(type): \(explanation(error))")
    }
  }

  private func explanation(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      context.debugDescription
    @unknown default: "\(error)"
    }
  }

  func mismatch(_ type: String) -> MartletError { invalid(Row.mismatch(place.description, value, type)) }

  func invalid(_ message: String) -> MartletError { MartletError(.invalidArgument, message) }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    switch value {
    case .row(let row):
      KeyedDecodingContainer(
        RowContainer<Key>(row: row, positions: positions ?? FieldPositions(row.schema), decoder: self))
    case .map(let entries):
      KeyedDecodingContainer(MapContainer<Key>(entries: entries, decoder: self))
    default: throw mismatch("struct")
    }
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch value {
    case .array(let elements): ElementContainer(elements: elements, decoder: self)
    case .binary(let bytes): ElementContainer(elements: bytes.map { .short(Int16($0)) }, decoder: self)
    // A dictionary whose keys are neither strings nor integers decodes keys and values in turn.
    case .map(let entries): ElementContainer(elements: entries.flatMap { [$0.key, $0.value] }, decoder: self)
    default: throw mismatch("array")
    }
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { value.isNull }

  func decode<Result: Decodable>(_ type: Result.Type) throws -> Result { try converted(type) }
}

/// The fields of a row, by the keys of a type.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let row: Row
  let positions: FieldPositions
  let decoder: ValueDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { positions.names.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { positions[key.stringValue] != nil }

  private func field(_ key: Key) throws -> ValueDecoder {
    let name = key.stringValue
    let owner = decoder.place.names.isEmpty ? "The row" : "The struct '\(decoder.place.names.joined(separator: "."))'"
    guard let position = positions[name] else {
      throw decoder.invalid(
        "\(owner) has no column '\(name)', which the type has; the columns are "
          + "\(positions.names.joined(separator: ", ")). Rename one with `alias`, or map the names with CodingKeys")
    }
    guard !positions.isAmbiguous(name) else {
      throw decoder.invalid("\(owner) has several columns '\(name)'; rename or drop one of them")
    }
    return ValueDecoder(value: row.values[position], place: decoder.place.appending(name), positions: nil)
  }

  func decodeNil(forKey key: Key) throws -> Bool { try field(key).value.isNull }

  func decode<Result: Decodable>(_ type: Result.Type, forKey key: Key) throws -> Result {
    try field(key).converted(type)
  }

  func decodeIfPresent<Result: Decodable>(_ type: Result.Type, forKey key: Key) throws -> Result? {
    let field = try field(key)
    return field.value.isNull ? nil : try field.converted(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws
    -> KeyedDecodingContainer<Nested>
  {
    try field(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try field(key).unkeyedContainer()
  }

  // A type and the class that it inherits from are in the same row.
  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try field(key) }
}

/// The pairs of a map, for dictionaries whose keys are strings or integers.
private struct MapContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let entries: [Value.MapEntry]
  let decoder: ValueDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    entries.compactMap { entry in
      if let number = entry.key.wholeNumber { return Key(intValue: Int(number)) }
      return String(value: entry.key).flatMap { Key(stringValue: $0) }
    }
  }

  private func entry(_ key: Key) throws -> ValueDecoder {
    let found = entries.first { entry in
      if let number = entry.key.wholeNumber { return key.intValue == Int(number) }
      return String(value: entry.key) == key.stringValue
    }
    guard let found else { throw decoder.invalid("\(decoder.place.description) has no key '\(key.stringValue)'") }
    return ValueDecoder(value: found.value, place: decoder.place.appending(key.stringValue), positions: nil)
  }

  func contains(_ key: Key) -> Bool { (try? entry(key)) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try entry(key).value.isNull }
  func decode<Result: Decodable>(_ type: Result.Type, forKey key: Key) throws -> Result {
    try entry(key).converted(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws
    -> KeyedDecodingContainer<Nested>
  {
    try entry(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try entry(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try entry(key) }
}

/// The elements of an array, one after another.
private struct ElementContainer: UnkeyedDecodingContainer {
  let elements: [Value]
  let decoder: ValueDecoder
  var currentIndex = 0

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  private mutating func element() throws -> ValueDecoder {
    guard !isAtEnd else { throw decoder.invalid("\(decoder.place.description) has only \(elements.count) elements") }
    defer { currentIndex += 1 }
    return ValueDecoder(
      value: elements[currentIndex], place: decoder.place.appending("\(currentIndex)"), positions: nil)
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Result: Decodable>(_ type: Result.Type) throws -> Result { try element().converted(type) }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try element().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try element().unkeyedContainer() }

  mutating func superDecoder() throws -> any Decoder { try element() }
}

/// The name of a column as a key.
struct NameKey: CodingKey {
  let stringValue: String
  var intValue: Int? { Int(stringValue) }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { stringValue = String(intValue) }
}

/// The optional types, whatever they wrap.
protocol OptionalType {}
extension Optional: OptionalType {}

// Foundation is not imported: a program that does not use it does not load it.

/// A Boolean value that indicates whether a type is Foundation's `Date`, which codes itself as seconds since 2001.
func isFoundationDate(_ type: Any.Type) -> Bool {
  let name = String(reflecting: type)
  return name == "Foundation.Date" || name == "FoundationEssentials.Date"
}

private let foundationEpoch: Int64 = 978_307_200

func secondsSinceFoundationEpoch(_ time: SQLTimestamp) -> Double {
  Double(time.microseconds - foundationEpoch * SQLTimestamp.perSecond) / Double(SQLTimestamp.perSecond)
}

/// The time so many seconds after the beginning of 2001, to the nearest microsecond.
func timestamp(secondsSinceFoundationEpoch seconds: Double) -> SQLTimestamp? {
  let microseconds = (seconds * Double(SQLTimestamp.perSecond)).rounded()
  return Int64(exactly: microseconds).flatMap { since2001 in
    let (sum, overflow) = since2001.addingReportingOverflow(foundationEpoch * SQLTimestamp.perSecond)
    return overflow ? nil : SQLTimestamp(microseconds: sum)
  }
}

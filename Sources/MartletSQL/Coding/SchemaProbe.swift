internal import MartletCore

extension StructType {
  /// Creates the columns that a type's properties correspond to: their names, types, and whether they may be `NULL`.
  ///
  /// ```swift
  /// struct Person: Codable { var name: String, age: Int? }
  /// print(try StructType(of: Person.self).treeString)
  /// // root
  /// //  |-- name: string (nullable = false)
  /// //  |-- age: long (nullable = true)
  /// ```
  /// The type's `init(from:)` runs once, with values such as 0 and an empty array, to learn what it decodes.
  /// - Throws: `MartletError` of the code `invalidArgument` if the type is not a struct of properties, contains itself, or
  ///   its `init(from:)` refuses these values.
  public init<Source: Decodable>(of type: Source.Type) throws {
    if let simple = type as? any ValueConvertible.Type {
      self.init([StructField("value", simple.dataType, nullable: type is any OptionalType.Type)])
      return
    }
    guard case .struct(let schema) = try probe(type, []).type else {
      throw MartletError(.invalidArgument, "The type \(type) has no properties that could be columns")
    }
    self = schema
  }
}

/// The type of a column of values of a type of Swift, and such a value.
private func probe<Source: Decodable>(
  _ type: Source.Type, _ outer: [Any.Type]
) throws -> (type: DataType, value: Source) {
  if let simple = type as? any ValueConvertible.Type {
    guard let value = simple.init(value: sample(simple.dataType)) as? Source else {
      throw MartletError(.invalidArgument, "The type \(type) cannot be the type of a column")
    }
    return (simple.dataType, value)
  }
  if let collection = type as? any ProbedCollection.Type {
    guard let value = collection.sample as? Source else {
      throw MartletError(.invalidArgument, "The type \(type) cannot be the type of a column")
    }
    return (try collection.columnType(outer), value)
  }
  if isFoundationDate(type) {
    return (.timestamp, try type.init(from: ValueDecoder(value: .double(0), place: Place(names: []), positions: nil)))
  }
  guard !outer.contains(where: { $0 == type }) else {
    throw MartletError(.invalidArgument, "The type \(type) contains itself; a column cannot")
  }
  let decoder = ProbeDecoder(outer: outer + [type])
  do {
    let value = try type.init(from: decoder)
    return (decoder.type, value)
  } catch {
    // An enumeration refuses a sample that is not one of its cases.
    if let cases = type as? any CaseIterable.Type, let value = firstCase(cases) as? Source {
      return (decoder.type, value)
    }
    throw MartletError(
      .invalidArgument,
      "The columns of \(type) cannot be derived, because its init(from:) refuses a sample: \(error). Give the columns "
        + "with a StructType, or make an enumeration CaseIterable", underlying: error)
  }
}

private func firstCase<Cases: CaseIterable>(_ type: Cases.Type) -> Any? { type.allCases.first }

/// A value of a type.
private func sample(_ type: DataType) -> Value {
  switch type {
  case .boolean: .boolean(false)
  case .byte, .short, .integer, .long: .long(0)
  case .float: .float(0)
  case .double: .double(0)
  case .decimal: .decimal(SQLDecimal(0))
  // It is also the text of a UUID.
  case .string: .string("00000000-0000-0000-0000-000000000000")
  case .binary: .binary([])
  case .date: .date(SQLDate(days: 0))
  case .timestamp: .timestamp(SQLTimestamp(microseconds: 0))
  case .timestampNTZ: .timestampNTZ(SQLTimestamp(microseconds: 0))
  case .interval, .dayTimeInterval, .yearMonthInterval: .interval(SQLInterval())
  case .array: .array([])
  case .map: .map([])
  case .struct: .row(Row())
  case .null: .null
  }
}

/// The types of collections whose elements are not simple.
private protocol ProbedCollection {
  static func columnType(_ outer: [Any.Type]) throws -> DataType
  static var sample: Any { get }
}

extension Optional: ProbedCollection where Wrapped: Decodable {
  fileprivate static func columnType(_ outer: [Any.Type]) throws -> DataType { try probe(Wrapped.self, outer).type }
  fileprivate static var sample: Any { Wrapped?.none as Any }
}

extension Array: ProbedCollection where Element: Decodable {
  fileprivate static func columnType(_ outer: [Any.Type]) throws -> DataType {
    .array(try probe(Element.self, outer).type)
  }
  fileprivate static var sample: Any { [Element]() }
}

extension Set: ProbedCollection where Element: Decodable {
  fileprivate static func columnType(_ outer: [Any.Type]) throws -> DataType {
    .array(try probe(Element.self, outer).type)
  }
  fileprivate static var sample: Any { Set<Element>() }
}

extension Dictionary: ProbedCollection where Key: Decodable, Value: Decodable {
  fileprivate static func columnType(_ outer: [Any.Type]) throws -> DataType {
    .map(key: try probe(Key.self, outer).type, value: try probe(Value.self, outer).type)
  }
  fileprivate static var sample: Any { [Key: Value]() }
}

/// A decoder that notes which types are asked for. It is used by one `init(from:)`, on one thread.
private final class ProbeDecoder: Decoder, SingleValueDecodingContainer {
  let outer: [Any.Type]
  private var fields: [StructField] = []
  private var single: DataType?
  private var elements: (() -> DataType)?
  private var isKeyed = false

  init(outer: [Any.Type]) { self.outer = outer }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The type that was asked for.
  var type: DataType {
    if isKeyed { return .struct(StructType(fields)) }
    return elements.map { .array($0()) } ?? single ?? .struct(StructType())
  }

  func add(_ name: String, _ type: DataType, nullable: Bool) {
    guard let index = fields.firstIndex(where: { $0.name == name }) else {
      fields.append(StructField(name, type, nullable: nullable))
      return
    }
    // A type that tries several types takes the last one.
    fields[index] = StructField(name, type, nullable: nullable || fields[index].nullable)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    isKeyed = true
    return KeyedDecodingContainer(ProbeFields<Key>(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = ProbeElements(outer: outer)
    elements = { container.found.type }
    return container
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
  func decodeNil() -> Bool { false }

  func decode<Result: Decodable>(_ type: Result.Type) throws -> Result {
    // The type is noted even if its sample is refused.
    if let simple = type as? any ValueConvertible.Type { single = simple.dataType }
    let probed = try probe(type, outer)
    single = probed.type
    return probed.value
  }
}

private struct ProbeFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ProbeDecoder

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }
  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { false }

  private func field<Result: Decodable>(_ type: Result.Type, _ key: Key, nullable: Bool) throws -> Result {
    let probed = try probe(type, decoder.outer)
    decoder.add(key.stringValue, probed.type, nullable: nullable)
    return probed.value
  }

  func decode<Result: Decodable>(_ type: Result.Type, forKey key: Key) throws -> Result {
    try field(type, key, nullable: type is any OptionalType.Type)
  }

  func decodeIfPresent<Result: Decodable>(_ type: Result.Type, forKey key: Key) throws -> Result? {
    try field(type, key, nullable: true)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws
    -> KeyedDecodingContainer<Nested>
  {
    throw MartletError(.invalidArgument, "'\(key.stringValue)' is decoded in a container of its own")
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw MartletError(.invalidArgument, "'\(key.stringValue)' is decoded in a container of its own")
  }

  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { decoder }
}

/// The type of an array's elements, once it is found.
private final class FoundType {
  var type: DataType = .null
}

/// An array with one element.
private struct ProbeElements: UnkeyedDecodingContainer {
  let outer: [Any.Type]
  let found = FoundType()
  var currentIndex = 0

  init(outer: [Any.Type]) { self.outer = outer }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { 1 }
  var isAtEnd: Bool { currentIndex > 0 }
  mutating func decodeNil() throws -> Bool { false }

  mutating func decode<Result: Decodable>(_ type: Result.Type) throws -> Result {
    currentIndex += 1
    let probed = try probe(type, outer)
    found.type = probed.type
    return probed.value
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    throw MartletError(.invalidArgument, "Elements are decoded in containers of their own")
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw MartletError(.invalidArgument, "Elements are decoded in containers of their own")
  }

  mutating func superDecoder() throws -> any Decoder { ProbeDecoder(outer: outer) }
}

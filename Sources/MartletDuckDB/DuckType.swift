// Unsafe code. Invariant: each logical type that DuckDB returns is destroyed once, by the function that asked for it.

package import CDuckDB

/// A type of DuckDB's values.
@usableFromInline package indirect enum DuckType: Sendable, Hashable {
  case null
  case bool
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  /// HUGEINT and UHUGEINT: integers of 128 bits.
  case int128, uint128
  case float, double
  /// DECIMAL: integers of `scale` decimal places, with at most `width` digits.
  case decimal(width: UInt8, scale: UInt8)
  case varchar
  case blob
  case bit
  /// BIGNUM: integers of any size.
  case bignum
  case uuid
  /// DATE: days since 1970.
  case date
  /// TIME: microseconds of a day.
  case time
  /// TIME with nanoseconds.
  case timeNanoseconds
  /// TIME WITH TIME ZONE.
  case timeTZ
  /// TIMESTAMP, TIMESTAMP_S, TIMESTAMP_MS and TIMESTAMP_NS: the time since 1970 in a unit.
  case timestamp(TimeUnit)
  /// TIMESTAMP WITH TIME ZONE: an instant, in microseconds since 1970.
  case timestampTZ
  /// TIMESTAMP WITH TIME ZONE with nanoseconds.
  case timestampTZNanoseconds
  case interval
  case enumeration([String])
  case list(DuckType)
  /// ARRAY: lists of one length.
  case array(DuckType, count: Int)
  case structure([DuckField])
  case map(key: DuckType, value: DuckType)
  case union([DuckField])
  /// A type that Martlet has no name for; its number in DuckDB's C interface.
  case other(Int)

  /// The unit of a timestamp.
  @usableFromInline package enum TimeUnit: Sendable, Hashable { case seconds, milliseconds, microseconds, nanoseconds }

  /// TIMESTAMP, in microseconds.
  package static var timestamp: DuckType { .timestamp(.microseconds) }
}

/// A member of a STRUCT or UNION.
@usableFromInline package struct DuckField: Sendable, Hashable {
  package var name: String
  package var type: DuckType

  package init(_ name: String, _ type: DuckType) {
    self.name = name
    self.type = type
  }
}

/// A column of a result.
package struct DuckColumn: Sendable, Hashable {
  package var name: String
  package var type: DuckType
  /// The name of a type that DuckDB stores as another one: `JSON` is stored as VARCHAR.
  package var alias: String?

  package init(_ name: String, _ type: DuckType, alias: String? = nil) {
    self.name = name
    self.type = type
    self.alias = alias
  }
}

/// The numbers of DuckDB's types in its C interface.
enum TypeID {
  static let plain: [(id: Int32, type: DuckType)] = [
    (1, .bool), (2, .int8), (3, .int16), (4, .int32), (5, .int64), (6, .uint8), (7, .uint16), (8, .uint32),
    (9, .uint64), (10, .float), (11, .double), (12, .timestamp(.microseconds)), (13, .date), (14, .time),
    (15, .interval), (16, .int128), (17, .varchar), (18, .blob), (20, .timestamp(.seconds)),
    (21, .timestamp(.milliseconds)), (22, .timestamp(.nanoseconds)), (27, .uuid), (29, .bit), (30, .timeTZ),
    (31, .timestampTZ), (32, .uint128), (35, .bignum), (36, .null), (39, .timeNanoseconds),
    (42, .timestampTZNanoseconds),
  ]
  static let decimal: Int32 = 19, enumeration: Int32 = 23, list: Int32 = 24, structure: Int32 = 25, map: Int32 = 26
  static let union: Int32 = 28, array: Int32 = 33
}

extension DuckType {
  /// The type that `type` describes, which is destroyed.
  init(consuming type: duck_logical_type?) {
    var type = type
    self.init(type)
    duck_destroy_logical_type(&type)
  }

  init(_ type: duck_logical_type?) {
    func name(_ text: UnsafeMutablePointer<CChar>?) -> String {
      defer { duck_free(text) }
      return text.map { String(cString: $0) } ?? ""
    }
    let id = duck_get_type_id(type)
    switch id {
    case TypeID.decimal: self = .decimal(width: duck_decimal_width(type), scale: duck_decimal_scale(type))
    case TypeID.enumeration:
      self = .enumeration(
        (0..<UInt64(duck_enum_dictionary_size(type))).map { name(duck_enum_dictionary_value(type, $0)) })
    case TypeID.list: self = .list(DuckType(consuming: duck_list_type_child_type(type)))
    case TypeID.array:
      self = .array(
        DuckType(consuming: duck_array_type_child_type(type)), count: Int(duck_array_type_array_size(type)))
    case TypeID.map:
      self = .map(
        key: DuckType(consuming: duck_map_type_key_type(type)),
        value: DuckType(consuming: duck_map_type_value_type(type)))
    case TypeID.structure:
      self = .structure(
        (0..<duck_struct_type_child_count(type)).map {
          DuckField(
            name(duck_struct_type_child_name(type, $0)), DuckType(consuming: duck_struct_type_child_type(type, $0)))
        })
    case TypeID.union:
      self = .union(
        (0..<duck_union_type_member_count(type)).map {
          DuckField(
            name(duck_union_type_member_name(type, $0)), DuckType(consuming: duck_union_type_member_type(type, $0)))
        })
    default: self = TypeID.plain.first { $0.id == id }?.type ?? .other(Int(id))
    }
  }

  /// Calls `body` with DuckDB's description of the type.
  package func withLogicalType<Result>(_ body: (duck_logical_type?) throws -> Result) rethrows -> Result {
    var type = makeLogicalType()
    defer { duck_destroy_logical_type(&type) }
    return try body(type)
  }

  /// DuckDB's description of the type, which the caller must destroy.
  private func makeLogicalType() -> duck_logical_type? {
    func fields(_ fields: [DuckField]) -> duck_logical_type? {
      var types: [duck_logical_type?] = fields.map { $0.type.makeLogicalType() }
      defer { for index in types.indices { duck_destroy_logical_type(&types[index]) } }
      return withCStrings(fields.map(\.name)) { names in
        duck_create_struct_type(&types, names, UInt64(fields.count))
      }
    }
    switch self {
    case .decimal(let width, let scale): return duck_create_decimal_type(width, scale)
    case .list(let element): return element.withLogicalType { duck_create_list_type($0) }
    case .array(let element, let count): return element.withLogicalType { duck_create_array_type($0, UInt64(count)) }
    case .map(let key, let value):
      return key.withLogicalType { key in value.withLogicalType { duck_create_map_type(key, $0) } }
    case .structure(let members): return fields(members)
    case .enumeration(let names):
      return withCStrings(names) { duck_create_enum_type($0, UInt64(names.count)) }
    case .union: return duck_create_logical_type(0)
    case .other(let id): return duck_create_logical_type(Int32(id))
    default: return duck_create_logical_type(TypeID.plain.first { $0.type == self }?.id ?? 0)
    }
  }
}

/// Calls `body` with the strings as C strings, which are valid until it returns.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
  var characters: [CChar] = []
  var starts: [Int] = []
  for string in strings {
    starts.append(characters.count)
    characters += string.utf8CString
  }
  return try characters.withUnsafeBufferPointer { characters in
    // Without strings there is no base, and nothing that points to it.
    var pointers: [UnsafePointer<CChar>?] = starts.map { start in characters.baseAddress.map { $0 + start } }
    if pointers.isEmpty { pointers = [nil] }
    return try pointers.withUnsafeMutableBufferPointer { pointers in
      guard let base = pointers.baseAddress else { fatalError("An array with an element has a base.") }
      return try body(base)
    }
  }
}

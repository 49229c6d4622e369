// Unsafe code. Invariant: each value that DuckDB creates is destroyed once, by `withDuckValue`.

import CDuckDB
import MartletCore

/// One value of DuckDB: a parameter of a statement, or a field of a result.
package indirect enum DuckValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int8(Int8), int16(Int16), int32(Int32), int64(Int64)
  case uint8(UInt8), uint16(UInt16), uint32(UInt32), uint64(UInt64)
  case int128(Int128), uint128(UInt128)
  case float(Float), double(Double)
  /// An integer of `scale` decimal places.
  case decimal(Int128, width: UInt8, scale: UInt8)
  case string(String)
  case blob([UInt8])
  case uuid(UInt128)
  /// Days since 1970.
  case date(Int32)
  /// Microseconds of a day.
  case time(Int64)
  /// The time since 1970, without a zone.
  case timestamp(Int64, DuckType.TimeUnit)
  /// Microseconds since 1970, as an instant.
  case timestampTZ(Int64)
  case interval(months: Int32, days: Int32, microseconds: Int64)
  case enumeration(String)
  case list([DuckValue])
  case structure([Field])
  case map([Entry])
  /// A value of a type that has no case, as the number and bytes that DuckDB stores.
  case other(DuckType, [UInt8])

  /// A member of a structure.
  package struct Field: Sendable, Hashable {
    package var name: String
    package var value: DuckValue

    package init(_ name: String, _ value: DuckValue) {
      self.name = name
      self.value = value
    }
  }

  /// An entry of a map.
  package struct Entry: Sendable, Hashable {
    package var key: DuckValue
    package var value: DuckValue

    package init(_ key: DuckValue, _ value: DuckValue) {
      self.key = key
      self.value = value
    }
  }
}

extension DuckValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
  package init(integerLiteral value: Int64) { self = .int64(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(nilLiteral: ()) { self = .null }
}

extension DuckValue {
  /// Calls `body` with the value as DuckDB's own.
  /// - Throws: `MartletError(.invalidArgument)` for a value that cannot be a parameter.
  func withDuckValue<Result>(_ body: (duck_value?) throws -> Result) throws -> Result {
    var value = try makeDuckValue(parameterType)
    defer { duck_destroy_value(&value) }
    // DuckDB would use it.
    guard value != nil else {
      throw MartletError(.invalidArgument, "DuckDB cannot make a parameter of the value: \(self)")
    }
    return try body(value)
  }

  /// - Parameter type: for a list, the type that it must have.
  private func makeDuckValue(_ type: DuckType) throws -> duck_value? {
    switch self {
    case .null: duck_create_null_value()
    case .bool(let value): duck_create_bool(value)
    case .int8(let value): duck_create_int8(value)
    case .int16(let value): duck_create_int16(value)
    case .int32(let value): duck_create_int32(value)
    case .int64(let value): duck_create_int64(value)
    case .uint8(let value): duck_create_uint8(value)
    case .uint16(let value): duck_create_uint16(value)
    case .uint32(let value): duck_create_uint32(value)
    case .uint64(let value): duck_create_uint64(value)
    case .int128(let value): duck_create_hugeint(duck_hugeint(value))
    case .uint128(let value):
      duck_create_uhugeint(
        duck_uhugeint(lower: UInt64(truncatingIfNeeded: value), upper: UInt64(truncatingIfNeeded: value >> 64)))
    case .float(let value): duck_create_float(value)
    case .double(let value): duck_create_double(value)
    case .decimal(let value, let width, let scale):
      duck_create_decimal(duck_decimal(width: width, scale: scale, value: duck_hugeint(value)))
    case .string(let value), .enumeration(let value):
      Array(value.utf8).withUnsafeBytes { bytes in
        duck_create_varchar_length(bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? empty, UInt64(bytes.count))
      }
    case .blob(let value):
      value.withUnsafeBufferPointer { duck_create_blob($0.baseAddress ?? emptyBytes, UInt64($0.count)) }
    case .uuid(let value):
      duck_create_uuid(
        duck_uhugeint(lower: UInt64(truncatingIfNeeded: value), upper: UInt64(truncatingIfNeeded: value >> 64)))
    case .date(let days): duck_create_date(duck_date(days: days))
    case .time(let microseconds): duck_create_time(duck_time(micros: microseconds))
    case .timestamp(let value, .microseconds): duck_create_timestamp(duck_timestamp(micros: value))
    case .timestamp(let value, let unit):
      throw MartletError(
        .invalidArgument, "The timestamp \(value) in \(unit) cannot be a parameter: give it in microseconds.")
    case .timestampTZ(let value): duck_create_timestamp_tz(duck_timestamp(micros: value))
    case .interval(let months, let days, let microseconds):
      duck_create_interval(duck_interval(months: months, days: days, micros: microseconds))
    case .list(let elements): try makeList(elements, type)
    case .structure, .map, .other:
      throw MartletError(
        .invalidArgument, "A value of this type cannot be a parameter; write it in the statement instead: \(self)")
    }
  }

  private func makeList(_ elements: [DuckValue], _ type: DuckType) throws -> duck_value? {
    guard DuckType.common(elements.map(\.parameterType)) != nil else {
      throw MartletError(.invalidArgument, "The elements of a list must have one type: \(self)")
    }
    // Nulls alone have the type that they have in SQL.
    let element: DuckType = if case .list(let element) = type, element != .null { element } else { .int32 }
    var values: [duck_value?] = []
    defer { for index in values.indices { duck_destroy_value(&values[index]) } }
    for value in elements { values.append(try value.makeDuckValue(element)) }
    let count = UInt64(values.count)
    // There must be an array, even for no elements.
    if values.isEmpty { values.append(nil) }
    return element.withLogicalType { duck_create_list_value($0, &values, count) }
  }

  /// The type of the value as a parameter; null also for one that cannot be a parameter.
  private var parameterType: DuckType {
    switch self {
    case .null, .structure, .map, .other: .null
    case .bool: .bool
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .int128: .int128
    case .uint128: .uint128
    case .float: .float
    case .double: .double
    case .decimal(_, let width, let scale): .decimal(width: width, scale: scale)
    case .string, .enumeration: .varchar
    case .blob: .blob
    case .uuid: .uuid
    case .date: .date
    case .time: .time
    case .timestamp: .timestamp
    case .timestampTZ: .timestampTZ
    case .interval: .interval
    case .list(let elements): .list(DuckType.common(elements.map(\.parameterType)) ?? .null)
    }
  }
}

extension DuckType {
  /// The type of all, where a null has any type; `nil` if they differ.
  fileprivate static func common(_ types: [DuckType]) -> DuckType? {
    var common = DuckType.null
    for type in types {
      switch (common, type) {
      case (_, .null): continue
      case (.null, _): common = type
      case (.list(let first), .list(let second)):
        guard let element = DuckType.common([first, second]) else { return nil }
        common = .list(element)
      default: guard common == type else { return nil }
      }
    }
    return common
  }
}

// An address that can be passed with a count of 0.
private nonisolated(unsafe) let emptyBytes = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
private nonisolated(unsafe) let empty = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

extension duck_hugeint {
  init(_ value: Int128) {
    self.init(lower: UInt64(truncatingIfNeeded: value), upper: Int64(truncatingIfNeeded: value >> 64))
  }
}

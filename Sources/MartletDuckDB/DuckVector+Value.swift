import CDuckDB

extension DuckVector {
  /// The value in `row`, whatever its type. Slow: for results that people read.
  package func value(_ row: Int) -> DuckValue {
    precondition(row >= 0 && row < count, "A vector of \(count) values has no row \(row).")
    guard isValid(row) else { return .null }
    switch type {
    case .null: return .null
    case .bool: return .bool(load(row))
    case .int8: return .int8(load(row))
    case .int16: return .int16(load(row))
    case .int32: return .int32(load(row))
    case .int64: return .int64(load(row))
    case .uint8: return .uint8(load(row))
    case .uint16: return .uint16(load(row))
    case .uint32: return .uint32(load(row))
    case .uint64: return .uint64(load(row))
    case .int128: return .int128(int128(row))
    case .uint128: return .uint128(UInt128(truncatingIfNeeded: int128(row)))
    case .float: return .float(load(row))
    case .double: return .double(load(row))
    case .decimal(let width, let scale): return .decimal(decimal(row), width: width, scale: scale)
    case .varchar: return .string(string(row))
    case .blob: return .blob(withBytes(row) { Array($0) })
    case .uuid: return .uuid(UInt128(truncatingIfNeeded: int128(row)) ^ 1 << 127)
    case .date: return .date(load(row))
    case .time: return .time(load(row))
    case .timestamp(let unit): return .timestamp(load(row), unit)
    case .timestampTZ: return .timestampTZ(load(row))
    case .interval:
      let interval = load(row, as: duck_interval.self)
      return .interval(months: interval.months, days: interval.days, microseconds: interval.micros)
    case .enumeration(let names): return .enumeration(names[enumerationIndex(row, of: names.count)])
    case .list:
      let child = child
      return .list(elements(row).map { child.value($0) })
    case .array(_, let size):
      let child = child
      return .list((row * size..<(row + 1) * size).map { child.value($0) })
    case .structure(let fields):
      return .structure(fields.indices.map { DuckValue.Field(fields[$0].name, member($0).value(row)) })
    case .map:
      let entries = child, keys = entries.member(0), values = entries.member(1)
      return .map(elements(row).map { DuckValue.Entry(keys.value($0), values.value($0)) })
    case .bit, .bignum: return .other(type, withBytes(row) { Array($0) })
    case .timeNanoseconds, .timeTZ, .timestampTZNanoseconds:
      return .other(type, withUnsafeBytes(of: load(row, as: Int64.self)) { Array($0) })
    case .union, .other: return .other(type, [])
    }
  }

  /// The value of a HUGEINT, UHUGEINT or UUID.
  package func int128(_ row: Int) -> Int128 {
    let value = load(row, as: duck_hugeint.self)
    return Int128(value.upper) << 64 | Int128(value.lower)
  }

  /// The value of a DECIMAL without its decimal point.
  package func decimal(_ row: Int) -> Int128 {
    guard case .decimal(let width, _) = type else { preconditionFailure("Not a column of decimals.") }
    return switch width {
    case ...4: Int128(load(row, as: Int16.self))
    case ...9: Int128(load(row, as: Int32.self))
    case ...18: Int128(load(row, as: Int64.self))
    default: int128(row)
    }
  }

  private func enumerationIndex(_ row: Int, of count: Int) -> Int {
    switch count {
    case ...255: Int(load(row, as: UInt8.self))
    case ...65535: Int(load(row, as: UInt16.self))
    default: Int(load(row, as: UInt32.self))
    }
  }
}

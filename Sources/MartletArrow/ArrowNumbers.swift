import MartletColumnar

extension ArrowColumns {
  /// The values of a type of one width, in the form of columns.
  mutating func numbers(_ field: ArrowField, _ count: Int, _ validity: ColumnarBuffer?) throws -> ColumnarBuffer {
    switch field.type {
    case .int(let bits, _): return try values(field, count, width: bits / 8)
    case .float(16):
      return try converted(field, count, validity, from: UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .float(let bits): return try values(field, count, width: bits / 8)
    case .date(false): return try values(field, count, width: 4)
    case .date(true):
      return try converted(field, count, validity, from: Int64.self) { milliseconds in
        let day: Int64 = 86_400_000
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: day)
        return Int32(exactly: rest < 0 ? days - 1 : days)
      }
    case .timestamp(let unit, _):
      if unit == .microseconds { return try values(field, count, width: 8) }
      return try converted(field, count, validity, from: Int64.self) { unit.microseconds($0) }
    case .duration(let unit):
      return try converted(field, count, validity, from: Int64.self) { value in
        unit.microseconds(value).map { ColumnarInterval(microseconds: $0) }
      }
    case .interval(.yearMonth):
      return try converted(field, count, validity, from: Int32.self) { ColumnarInterval(months: $0) }
    case .interval(.dayTime):
      // Days, and then milliseconds.
      return try converted(field, count, validity, from: Int64.self) { value in
        ColumnarInterval(
          days: Int32(truncatingIfNeeded: value),
          microseconds: Int64(Int32(truncatingIfNeeded: value >> 32)) * 1000)
      }
    case .interval(.monthDayNano):
      return try converted(field, count, validity, from: ColumnarInterval.self) { value in
        var value = value
        value.microseconds = ArrowUnit.nanoseconds.microseconds(value.microseconds) ?? 0
        return value
      }
    case .decimal(_, _, 32): return try converted(field, count, validity, from: Int32.self) { Int128($0) }
    case .decimal(_, _, 64): return try converted(field, count, validity, from: Int64.self) { Int128($0) }
    case .decimal(_, _, 128): return try values(field, count, width: 16)
    case .decimal:
      let source = try values(field, count, width: 32)
      let target = ColumnarBuffer(capacity: 16 * count)
      for row in 0..<count {
        let low = source.load(2 * row) as Int128, high = source.load(2 * row + 1) as Int128
        // Nulls can have any bytes: numbers that are too large are found where they are used.
        target.append(high == (low < 0 ? -1 : 0) ? low : Int128.max)
      }
      return target
    default: throw ColumnarDamage("the column '\(field.name)' has no values of one width")
    }
  }

  /// Values in another form. Those of nulls need not have one.
  private mutating func converted<Source: BitwiseCopyable, Target: BitwiseCopyable>(
    _ field: ArrowField, _ count: Int, _ validity: ColumnarBuffer?, from _: Source.Type,
    _ convert: (Source) -> Target?
  ) throws -> ColumnarBuffer {
    let source = try values(field, count, width: MemoryLayout<Source>.size)
    let target = ColumnarBuffer(capacity: count * MemoryLayout<Target>.size)
    for row in 0..<count {
      if let value = convert(source.load(row)) {
        target.append(value)
      } else {
        guard let validity, !validity.isSet(row) else {
          throw ColumnarDamage("the column '\(field.name)' has a value in row \(row) that is out of range")
        }
        target.append(zeros: MemoryLayout<Target>.size)
      }
    }
    return target
  }
}

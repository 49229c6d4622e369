// Unsafe code. Invariant: the caller gives the type of the vector, and a row below its capacity.

internal import MartletCore
internal import MartletDatabases
internal import MartletDuckDB
internal import MartletSQL

extension VectorOutput {
  /// Writes a value that is not null; returns false if it is none of the type.
  func store(_ value: DatabaseValue, _ type: DataType, _ row: Int) -> Bool {
    switch (value, type) {
    case (.bool(let value), .boolean): put(value, row)
    case (.integer(let value), .byte): return put(Int8(exactly: value), row)
    case (.integer(let value), .short): return put(Int16(exactly: value), row)
    case (.integer(let value), .integer): return put(Int32(exactly: value), row)
    case (.integer(let value), .long): put(value, row)
    case (.float(let value), .float): put(value, row)
    case (.double(let value), .double): put(value, row)
    case (.integer(let value), .decimal(let precision, let scale)):
      return put(SQLDecimal(value), precision, scale, row)
    case (.unsigned(let value), .decimal(let precision, let scale)):
      return put(SQLDecimal(value), precision, scale, row)
    case (.decimal(let digits), .decimal(let precision, let scale)):
      guard let number = SQLDecimal(digits) else { return false }
      return put(number, precision, scale, row)
    case (.text(let text), .string): text.withUTF8Bytes { store(UnsafeRawBufferPointer($0), row) }
    case (.bytes(let bytes), .binary): bytes.withUnsafeBytes { store($0, row) }
    case (.date(let days), .date): put(days, row)
    case (.timestamp(let time), .timestamp), (.localTimestamp(let time), .timestamp),
      (.localTimestamp(let time), .timestampNTZ), (.timestamp(let time), .timestampNTZ):
      put(time, row)
    default: return false
    }
    return true
  }

  private func put<Stored: BitwiseCopyable>(_ value: Stored, _ row: Int) {
    data.storeBytes(of: value, toByteOffset: row * MemoryLayout<Stored>.stride, as: Stored.self)
  }

  private func put<Stored: BitwiseCopyable>(_ value: Stored?, _ row: Int) -> Bool {
    guard let value else { return false }
    put(value, row)
    return true
  }

  /// Writes a decimal, rounded to the scale as in Spark; returns false if it has too many digits.
  private func put(_ number: SQLDecimal, _ precision: Int, _ scale: Int, _ row: Int) -> Bool {
    guard let digits = number.rounded(to: scale), digits.magnitude < Int128.powerOfTen(precision).magnitude else {
      return false
    }
    switch precision {
    case ...4: put(Int16(truncatingIfNeeded: digits), row)
    case ...9: put(Int32(truncatingIfNeeded: digits), row)
    case ...18: put(Int64(truncatingIfNeeded: digits), row)
    default: put(digits, row)
    }
    return true
  }
}

extension SQLDecimal {
  /// The digits of the number with `scale` of them after the point, rounded half up; `nil` if they are too many.
  fileprivate func rounded(to scale: Int) -> Int128? {
    guard scale < self.scale else {
      let (product, overflow) = unscaled.multipliedReportingOverflow(by: .powerOfTen(scale - self.scale))
      return overflow ? nil : product
    }
    let divisor = Int128.powerOfTen(self.scale - scale)
    let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: divisor)
    return remainder.magnitude * 2 >= divisor.magnitude ? quotient + unscaled.signum() : quotient
  }
}

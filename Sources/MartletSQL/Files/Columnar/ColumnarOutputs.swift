// Unsafe code. Invariant: an output has space for the rows that are written, and the type of its values is the
// `duckType` of the array's.

internal import MartletColumnar
internal import MartletCore
internal import MartletDuckDB

extension ColumnarArray {
  /// Writes rows into a column of the engine.
  /// - Throws: `ColumnarDamage` for a value that the engine does not have.
  func write(_ start: Int, _ count: Int, to output: VectorOutput) throws {
    if type == .null { return output.setNulls(count) { _ in false } }
    if nullCount > 0 { output.setNulls(count) { isValid(start + $0) } }
    switch type {
    case .null: break
    case .string:
      let data = output
      for row in 0..<count where isValid(start + row) { data.store(text: bytes(start + row), row) }
    case .binary: for row in 0..<count where isValid(start + row) { output.store(bytes(start + row), row) }
    case .decimal(let precision, _): try writeDecimals(start, count, precision, output.data)
    case .list, .map:
      let first = range(start).lowerBound
      let elements = (offsets.load(start + count) as Int64) - Int64(first)
      let child = output.elements(Int(elements))
      for row in 0..<count {
        let range = range(start + row)
        output.store(range.lowerBound - first..<range.upperBound - first, row)
      }
      if children.count == 1 { return try children[0].write(first, Int(elements), to: child) }
      for element in first..<first + Int(elements) where !children[0].isValid(element) || children[0].type == .null {
        throw ColumnarDamage("a map has a key that is null")
      }
      for (index, part) in children.enumerated() { try part.write(first, Int(elements), to: child.member(index)) }
    case .structure:
      for (index, field) in children.enumerated() { try field.write(start, count, to: output.member(index)) }
    default:
      output.data.copyMemory(from: values.base + start * type.width, byteCount: count * type.width)
    }
  }

  /// The engine stores decimals in as few bytes as their digits need.
  private func writeDecimals(_ start: Int, _ count: Int, _ precision: Int, _ data: UnsafeMutableRawPointer) throws {
    let limit = Int128.powersOfTen[precision].magnitude
    for row in 0..<count {
      let value = values.load(start + row) as Int128
      guard value.magnitude < limit || !isValid(start + row) else {
        throw ColumnarDamage("a decimal has more than \(precision) digits")
      }
      switch precision {
      case ...4: (data + 2 * row).storeBytes(of: Int16(truncatingIfNeeded: value), as: Int16.self)
      case ...9: (data + 4 * row).storeBytes(of: Int32(truncatingIfNeeded: value), as: Int32.self)
      case ...18: (data + 8 * row).storeBytes(of: Int64(truncatingIfNeeded: value), as: Int64.self)
      default: (data + 16 * row).storeBytes(of: value, as: Int128.self)
      }
    }
  }

  /// The number of bytes and elements of rows beyond those of the rows themselves.
  func weight(_ start: Int, _ count: Int) -> Int {
    switch type {
    case .string, .binary, .list, .map:
      let first = Int(offsets.load(start) as Int64), last = Int(offsets.load(start + count) as Int64)
      return children.reduce(last - first) { $0 + $1.weight(first, last - first) }
    case .structure: return children.reduce(0) { $0 + $1.weight(start, count) }
    default: return 0
    }
  }
}

extension VectorOutput {
  /// Writes a copy of bytes that should be UTF-8. Those that are not are replaced by `\u{FFFD}`, as in a `String`.
  fileprivate func store(text bytes: UnsafeRawBufferPointer, _ row: Int) {
    if let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), !validatedUTF8(base, count: bytes.count) {
      var text = String(decoding: bytes, as: UTF8.self)
      text.withUTF8 { store(UnsafeRawBufferPointer($0), row) }
    } else {
      store(bytes, row)
    }
  }
}

// Unsafe code. Invariant: the vector's type is the `duckType` of the array's, so that its values have the array's width.

internal import MartletColumnar
internal import MartletCore
internal import MartletDuckDB

extension ColumnarArray {
  /// Appends rows of a column of the engine.
  func append(_ vector: DuckVector, _ rows: Range<Int>) {
    switch type {
    case .null: for _ in rows { appendNull() }
    case .string, .binary:
      for row in rows {
        if vector.isValid(row) {
          vector.withBytes(row) { append(bytes: UnsafeRawBufferPointer($0)) }
        } else {
          appendNull()
        }
      }
    case .decimal:
      for row in rows { if vector.isValid(row) { append(vector.decimal(row)) } else { appendNull() } }
    case .list:
      let child = vector.child
      appendElements(vector, rows) { children[0].append(child, $0) }
    case .map:
      let entries = vector.child
      let keys = entries.member(0), values = entries.member(1)
      appendElements(vector, rows) {
        children[0].append(keys, $0)
        children[1].append(values, $0)
      }
    case .structure:
      let members = children.indices.map { vector.member($0) }
      if vector.hasNoNulls {
        for (child, member) in Swift.zip(children, members) { child.append(member, rows) }
        for _ in rows { appendValidParent() }
        return
      }
      for row in rows {
        guard vector.isValid(row) else {
          appendNull()
          continue
        }
        for (child, member) in Swift.zip(children, members) { child.append(member, row..<row + 1) }
        appendValidParent()
      }
    default:
      let width = type.width
      if vector.hasNoNulls, validity.count == 0 {
        values.append(
          copying: UnsafeRawBufferPointer(start: vector.data + rows.lowerBound * width, count: rows.count * width))
        count += rows.count
        return
      }
      for row in rows {
        guard vector.isValid(row) else {
          appendNull()
          continue
        }
        switch width {
        case 1: append(vector.load(row) as UInt8)
        case 2: append(vector.load(row) as UInt16)
        case 4: append(vector.load(row) as UInt32)
        case 8: append(vector.load(row) as UInt64)
        default: append(vector.load(row) as Int128)
        }
      }
    }
  }

  /// Appends the elements of each row, and their ranges.
  private func appendElements(_ vector: DuckVector, _ rows: Range<Int>, _ elements: (Range<Int>) -> Void) {
    for row in rows {
      guard vector.isValid(row) else {
        appendNull()
        continue
      }
      elements(vector.elements(row))
      appendValidParent()
    }
  }
}

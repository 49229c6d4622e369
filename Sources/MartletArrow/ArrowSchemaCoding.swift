import MartletColumnar

/// The schema of a file of Arrow.
struct ArrowSchema: Sendable {
  var fields: [ArrowField]

  init(_ columns: [ColumnarField]) { fields = columns.map { ArrowField($0) } }

  /// Reads a table `Schema`.
  init(_ table: FlatTable) throws(ColumnarDamage) {
    guard try table.number(0, 0 as Int16) == 0 else {
      throw ColumnarDamage("its numbers are big-endian, which is not supported")
    }
    var count = 0
    fields = try ArrowField.fields(table, 1, depth: 0, &count)
  }

  /// The table `Schema`.
  func table(timeZone: String) -> FlatValue {
    .table([(1, .tables(fields.map { $0.table(timeZone: timeZone) }))])
  }
}

extension ArrowField {
  /// Tables can refer to the same fields again and again.
  private static let mostFields = 20_000
  private static let deepest = 64

  fileprivate static func fields(
    _ table: FlatTable, _ number: Int, depth: Int, _ count: inout Int
  ) throws(ColumnarDamage) -> [ArrowField] {
    guard depth < deepest else { throw ColumnarDamage("its types are more than \(deepest) levels deep") }
    let vector = try table.vector(number, stride: 4)
    count += vector.count
    guard count <= mostFields else { throw ColumnarDamage("it has more than \(mostFields) fields") }
    var fields: [ArrowField] = []
    for index in 0..<vector.count {
      fields.append(try ArrowField(try table.table(in: vector, index), depth: depth, &count))
    }
    return fields
  }

  private init(_ table: FlatTable, depth: Int, _ count: inout Int) throws(ColumnarDamage) {
    name = try table.string(0) ?? ""
    isNullable = try table.bool(1)
    children = try Self.fields(table, 5, depth: depth + 1, &count)
    let kind = try table.number(2, 0 as UInt8)
    guard let details = try table.table(3) else { throw ColumnarDamage("the field '\(name)' has no type") }
    type = try Self.type(kind, details)
    switch type {
    case .list, .largeList, .fixedList, .map:
      guard children.count == 1 else { throw ColumnarDamage("the list '\(name)' has \(children.count) elements") }
      if type == .map, children[0].type != .structure || children[0].children.count != 2 {
        throw ColumnarDamage("the map '\(name)' has no keys and values")
      }
    default: break
    }
    if let encoding = try table.table(4) {
      let index = try encoding.table(1).map { (table) throws(ColumnarDamage) in try Self.integer(table) }
      dictionary = (try encoding.number(0, 0), index ?? .int(bits: 32, isSigned: true))
    }
  }

  private static func integer(_ table: FlatTable) throws(ColumnarDamage) -> ArrowType {
    let bits = try table.number(0, 0 as Int32)
    guard [8, 16, 32, 64].contains(bits) else { throw ColumnarDamage("it has integers of \(bits) bits") }
    return .int(bits: Int(bits), isSigned: try table.bool(1))
  }

  private static func unit(_ table: FlatTable, _ otherwise: ArrowUnit) throws(ColumnarDamage) -> ArrowUnit {
    let number = try table.number(0, otherwise.rawValue)
    guard let unit = ArrowUnit(rawValue: number) else { throw ColumnarDamage("it has times in the unit \(number)") }
    return unit
  }

  private static func type(_ kind: UInt8, _ table: FlatTable) throws(ColumnarDamage) -> ArrowType {
    switch kind {
    case 1: return .null
    case 2: return try integer(table)
    case 3:
      switch try table.number(0, 0 as Int16) {
      case 0: return .float(bits: 16)
      case 1: return .float(bits: 32)
      case 2: return .float(bits: 64)
      default: throw ColumnarDamage("it has floating-point numbers of an unknown size")
      }
    case 4: return .binary
    case 5: return .utf8
    case 6: return .bool
    case 7:
      let precision = Int(try table.number(0, 0 as Int32)), scale = Int(try table.number(1, 0 as Int32))
      let bits = Int(try table.number(2, 128 as Int32))
      guard [32, 64, 128, 256].contains(bits), precision > 0 else {
        throw ColumnarDamage("it has decimals of \(precision) digits in \(bits) bits")
      }
      guard precision <= 38, (0...precision).contains(scale) else {
        return .unknown("decimal(\(precision), \(scale))", buffers: 2)
      }
      return .decimal(precision: precision, scale: scale, bits: bits)
    case 8: return .date(isMilliseconds: try table.number(0, 1 as Int16) == 1)
    case 9: return .unknown("time", buffers: 2)
    case 10:
      return .timestamp(try unit(table, .seconds), hasZone: !(try table.string(1) ?? "").isEmpty)
    case 11:
      let number = try table.number(0, 0 as Int16)
      guard let unit = ArrowIntervalUnit(rawValue: number) else {
        throw ColumnarDamage("it has intervals in the unit \(number)")
      }
      return .interval(unit)
    case 12: return .list
    case 13: return .structure
    case 14: return .unknown("union", buffers: try table.number(0, 0 as Int16) == 1 ? 2 : 1)
    case 15: return .fixedBinary(try size(table))
    case 16: return .fixedList(try size(table))
    case 17: return .map
    case 18: return .duration(try unit(table, .milliseconds))
    case 19: return .largeBinary
    case 20: return .largeUTF8
    case 21: return .largeList
    case 22: return .unknown("run-end encoded", buffers: 0)
    case 23: return .binaryView
    case 24: return .utf8View
    case 25: return .unknown("list view", buffers: 3)
    case 26: return .unknown("large list view", buffers: 3)
    default: throw ColumnarDamage("it has fields of type number \(kind), which is unknown")
    }
  }

  private static func size(_ table: FlatTable) throws(ColumnarDamage) -> Int {
    let size = try table.number(0, 0 as Int32)
    guard size >= 0 else { throw ColumnarDamage("it has values of \(size) bytes or elements") }
    return Int(size)
  }

  // MARK: Writing

  /// The table `Field`.
  fileprivate func table(timeZone: String) -> FlatValue {
    let (kind, details) = description(timeZone: timeZone)
    return .table([
      (0, .string(name)), (1, .bool(isNullable)), (2, .int8(kind)), (3, .table(details)),
      (5, .tables(children.map { $0.table(timeZone: timeZone) })),
    ])
  }

  /// The number of the type, and its table. Only the types of columns are written.
  private func description(timeZone: String) -> (Int8, [(field: Int, value: FlatValue)]) {
    switch type {
    case .null, .unknown: return (1, [])
    case .int(let bits, let isSigned): return (2, [(0, .int32(Int32(bits))), (1, .bool(isSigned))])
    case .float(let bits): return (3, [(0, .int16(bits == 64 ? 2 : bits == 32 ? 1 : 0))])
    case .binary, .binaryView, .largeBinary, .fixedBinary: return (4, [])
    case .utf8, .utf8View, .largeUTF8: return (5, [])
    case .bool: return (6, [])
    case .decimal(let precision, let scale, let bits):
      return (7, [(0, .int32(Int32(precision))), (1, .int32(Int32(scale))), (2, .int32(Int32(bits)))])
    case .date(let isMilliseconds): return (8, [(0, .int16(isMilliseconds ? 1 : 0))])
    case .timestamp(let unit, let hasZone):
      return (10, [(0, .int16(unit.rawValue))] + (hasZone ? [(1, .string(timeZone))] : []))
    case .interval(let unit): return (11, [(0, .int16(unit.rawValue))])
    case .list, .largeList, .fixedList: return (12, [])
    case .structure: return (13, [])
    case .map: return (17, [(0, .bool(false))])
    case .duration(let unit): return (18, [(0, .int16(unit.rawValue))])
    }
  }
}

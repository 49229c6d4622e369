internal import MartletCore
package import MartletDuckDB

extension DataType {
  /// The type of a column in memory; `nil` if values of the type are not stored there.
  package var columnType: ColumnType? {
    switch self {
    case .boolean: .bool
    case .byte: .int8
    case .short: .int16
    case .integer, .null: .int32
    case .long: .int64
    case .float: .float
    case .double: .double
    case .string: .string
    case .binary: .binary
    case .date: .date
    case .timestamp, .timestampNTZ: .timestamp
    case .decimal(let precision, let scale):
      .decimal(width: UInt8(precision), scale: UInt8(scale))
    default: nil
    }
  }
}

extension ColumnBuilder {
  /// Appends a value of a row; returns `false` if it has another type.
  mutating func append(_ value: Value, _ type: DataType) -> Bool {
    switch (value, type) {
    case (.null, _): appendNull()
    case (.boolean(let value), .boolean): append(stored: value)
    case (.float(let value), .float): append(stored: value)
    case (.double(let value), .double): append(stored: value)
    case (.float(let value), .double): append(stored: Double(value))
    case (.date(let value), .date): append(stored: value.days)
    case (.timestamp(let value), .timestamp), (.timestampNTZ(let value), .timestampNTZ),
      (.timestamp(let value), .timestampNTZ), (.timestampNTZ(let value), .timestamp):
      append(stored: value.microseconds)
    case (.string(let value), .string):
      var text = value
      text.withUTF8 { append(bytes: $0) }
    case (.binary(let bytes), .binary): bytes.withUnsafeBufferPointer { append(bytes: $0) }
    case (.decimal(let value), .decimal(let precision, let scale)):
      guard let digits = value.scaled(to: scale), digits.magnitude < Int128.powerOfTen(precision) else { return false }
      append(decimal: digits)
    default:
      guard let number = value.wholeNumber else { return false }
      switch type {
      case .byte:
        guard let number = Int8(exactly: number) else { return false }
        append(stored: number)
      case .short:
        guard let number = Int16(exactly: number) else { return false }
        append(stored: number)
      case .integer:
        guard let number = Int32(exactly: number) else { return false }
        append(stored: number)
      case .long: append(stored: number)
      case .double: append(stored: Double(number))
      case .float: append(stored: Float(number))
      default: return false
      }
    }
    return true
  }
}

extension SQLDecimal {
  /// The digits of the number with `scale` of them after the point; `nil` if it has more.
  func scaled(to scale: Int) -> Int128? {
    if scale >= self.scale {
      let (product, overflow) = unscaled.multipliedReportingOverflow(by: .powerOfTen(scale - self.scale))
      return overflow ? nil : product
    }
    let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: .powerOfTen(self.scale - scale))
    return remainder == 0 ? quotient : nil
  }
}

extension Int128 {
  package static func powerOfTen(_ exponent: Int) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<Swift.min(Swift.max(exponent, 0), 38) { power *= 10 }
    return power
  }
}

extension SparkSession {
  /// A plan with these rows.
  func localPlan(_ rows: [Row], _ schema: StructType, _ site: OperatorSite) throws -> Plan {
    for (index, row) in rows.enumerated() where row.size != schema.fields.count {
      throw MartletError(
        .invalidArgument,
        "\(site): row \(index) has \(row.size) values, but there are \(schema.fields.count) columns: \(listed(schema.names))."
      )
    }
    func mismatch(_ row: Int, _ column: Int) -> MartletError {
      let field = schema.fields[column]
      return MartletError(
        .invalidArgument,
        "\(site): row \(row) has \(rows[row][column]) in the column '\(field.name)', which is of type \(field.type).")
    }
    for (column, field) in schema.fields.enumerated() where !field.nullable {
      if let row = rows.firstIndex(where: { $0[column].isNull }) {
        throw MartletError(
          .invalidArgument, "\(site): row \(row) has NULL in the column '\(field.name)', which is not nullable.")
      }
    }
    let types = schema.fields.compactMap(\.type.columnType)
    guard types.count == schema.fields.count, !types.isEmpty else { return nestedPlan(rows, schema) }
    var columns: [ColumnData] = []
    for (column, type) in types.enumerated() {
      var builder = ColumnBuilder(type, capacity: max(rows.count, 1))
      for row in rows.indices {
        guard builder.append(rows[row][column], schema.fields[column].type) else { throw mismatch(row, column) }
      }
      columns.append(builder.finish())
    }
    let table = try ColumnTable(
      types.enumerated().map { TableColumn("c\($0)", $1) }, rows.isEmpty ? [] : [ColumnPiece(columns)])
    return .local(LocalTable(table, schema: schema, in: state.engine.database))
  }

  /// Rows with arrays, maps or structs, as constants of the query.
  private func nestedPlan(_ rows: [Row], _ schema: StructType) -> Plan {
    let casts = schema.fields.enumerated().map { index, field in
      let value = Expression.cast(.attribute(["col\(index + 1)"]), field.type)
      // The schema decides whether a column can be NULL, and not the rows that it has.
      return Expression.alias(field.nullable ? .call(Analyzer.nullableCall, value) : value, [field.name])
    }
    guard !rows.isEmpty, !schema.fields.isEmpty else {
      let nulls = schema.fields.map { Expression.alias(.cast(.literal(.null()), $0.type), [$0.name]) }
      return .limit(0, .project(nulls, .oneRow))
    }
    let values = rows.map { row in
      Swift.zip(row.values, schema.fields).map { Expression.cast($0.expression, $1.type) }
    }
    return .project(casts, .values(values))
  }
}

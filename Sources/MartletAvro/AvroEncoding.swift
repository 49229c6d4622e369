import MartletColumnar

/// The way from columns to the schema of a file.
enum AvroEncoding {
  /// The encoder of rows. Columns are found by their names, in upper or lower case.
  /// - Throws: `AvroSchemaFault` if the columns do not fit the schema.
  static func rows(_ columns: [ColumnarField], _ arrays: [ColumnarArray], _ schema: AvroSchema) throws -> AvroEncoder {
    guard case .record(let record) = schema else {
      throw AvroSchemaFault("the schema is \(schema.title); that of a table is a record")
    }
    return try fields(columns, arrays, record)
  }

  private static func fields(
    _ columns: [ColumnarField], _ arrays: [ColumnarArray], _ record: AvroRecord
  ) throws -> AvroEncoder {
    for column in columns where !record.fields.contains(where: { isSame($0.name, column.name) }) {
      throw AvroSchemaFault("the record '\(record.name.full)' has no field for the column '\(column.name)'")
    }
    return FieldsEncoder(
      try record.fields.map { field in
        let index =
          columns.firstIndex { $0.name == field.name } ?? columns.firstIndex { isSame($0.name, field.name) }
        guard let index else {
          guard field.type.isNullable else {
            throw AvroSchemaFault("there is no column for the field '\(field.name)', which cannot be null")
          }
          let nothing = ColumnarArray(.null)
          return try value(nothing, field.type, field.name) ?? NothingEncoder()
        }
        guard let encoder = try value(arrays[index], field.type, field.name) else {
          throw AvroSchemaFault(
            "the column '\(columns[index].name)' has values that cannot be written as \(field.type.title)")
        }
        return encoder
      })
  }

  private static func isSame(_ a: String, _ b: String) -> Bool { a.lowercased() == b.lowercased() }

  /// The encoder of the values of a column, which may be null; `nil` if the types do not fit.
  private static func value(_ column: ColumnarArray, _ schema: AvroSchema, _ name: String) throws -> AvroEncoder? {
    guard case .union(let branches) = schema else {
      guard let encoder = try plain(column, schema, name) else { return nil }
      return schema == .null ? encoder : RequiredEncoder(column, name, encoder)
    }
    let null = branches.firstIndex(of: .null)
    if column.type == .null {
      return null.map { FixedNumberEncoder($0) }
    }
    if case .members(let types) = AvroUnion(branches), case .structure(let fields) = column.type,
      fields.enumerated().allSatisfy({ $1.name == "member\($0)" }), fields.count == types.count
    {
      var members: [(Int, AvroEncoder)] = []
      for (index, type) in types.enumerated() {
        guard let number = branches.firstIndex(of: type), let member = try plain(column.children[index], type, name)
        else { return nil }
        members.append((number, member))
      }
      return MembersEncoder(column, null: null, members)
    }
    for (number, branch) in branches.enumerated() where branch != .null {
      guard let encoder = try plain(column, branch, name) else { continue }
      // Without null among the types, the number of one that does not exist is never written.
      guard let null else {
        return RequiredEncoder(column, name, NullableEncoder(column, null: -1, other: number, encoder))
      }
      return NullableEncoder(column, null: null, other: number, encoder)
    }
    return nil
  }

  /// The encoder of values that are not null.
  private static func plain(_ column: ColumnarArray, _ schema: AvroSchema, _ name: String) throws -> AvroEncoder? {
    if case .logical(.decimal(let precision, let scale), let base) = schema {
      guard case .decimal(let digits, let places) = column.type, digits <= precision, places == scale else {
        return nil
      }
      guard case .fixed(_, let size) = base else { return DecimalEncoder(column, size: nil) }
      return size >= AvroSchema.bytes(forDigits: digits) ? DecimalEncoder(column, size: size) : nil
    }
    switch (column.type, schema.base) {
    case (.null, .null): return NothingEncoder()
    case (.bool, .boolean): return PlainEncoder<UInt8>(column)
    case (.int8, .int), (.int8, .long): return IntegerEncoder<Int8>(column)
    case (.int16, .int), (.int16, .long): return IntegerEncoder<Int16>(column)
    case (.int32, .int), (.int32, .long), (.date, .int): return IntegerEncoder<Int32>(column)
    case (.uint8, .int), (.uint8, .long): return IntegerEncoder<UInt8>(column)
    case (.uint16, .int), (.uint16, .long): return IntegerEncoder<UInt16>(column)
    case (.uint32, .long): return IntegerEncoder<UInt32>(column)
    case (.int64, .long): return IntegerEncoder<Int64>(column)
    case (.instant, .long), (.timestamp, .long):
      switch schema {
      case .logical(.timestampMillis, _), .logical(.localTimestampMillis, _): return MillisecondsEncoder(column)
      default: return IntegerEncoder<Int64>(column)
      }
    case (.float, .float): return PlainEncoder<UInt32>(column)
    case (.float, .double): return FloatAsDoubleEncoder(column)
    case (.double, .double): return PlainEncoder<UInt64>(column)
    case (.string, .string), (.binary, .bytes), (.string, .bytes): return BytesEncoder(column)
    case (.binary, .fixed(_, let size)): return BytesEncoder(column, size: size)
    case (.string, .enumeration(_, let symbols, _)): return SymbolEncoder(column, symbols)
    case (.list, .array(let items)):
      return try value(column.children[0], items, name).map { ListEncoder(column, $0) }
    case (.map(let key, _), .map(let values)) where key.type == .string:
      return try value(column.children[1], values, name).map { EntriesEncoder(column, $0) }
    case (.structure(let members), .record(let record)): return try fields(members, column.children, record)
    default: return nil
    }
  }
}

/// The number of the type null in a union.
private final class FixedNumberEncoder: AvroEncoder {
  private let number: Int

  init(_ number: Int) { self.number = number }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) { output.append(long: Int64(number)) }
}

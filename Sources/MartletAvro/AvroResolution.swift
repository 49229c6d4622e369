import MartletColumnar

/// The way from the schema of a file to columns.
///
/// Avro calls the schema of a file that of its writer. If the user has given a schema, the reader's, fields are matched by
/// their names and aliases, numbers are promoted, and defaults fill in for fields that the file lacks. Without one, the
/// schema of the first file is the reader's; values of the others must have the same types, and missing fields are null.
struct AvroResolution {
  /// True if the user has given the reader's schema.
  let isStrict: Bool

  /// The decoder of rows, for the columns that are not `nil`.
  /// - Throws: `AvroSchemaFault` if the values of a column cannot be stored in it.
  func rows(_ writer: AvroSchema, _ reader: AvroSchema, _ columns: [ColumnarArray?]) throws -> AvroDecoder {
    guard case .record(let written) = writer, case .record(let read) = reader else {
      throw AvroSchemaFault("the schema is \(writer.title); that of a table is a record")
    }
    return try fields(written, read, nil, columns)
  }

  private func fields(
    _ written: AvroRecord, _ read: AvroRecord, _ column: ColumnarArray?, _ columns: [ColumnarArray?]
  ) throws -> AvroDecoder {
    var targets: [Int: Int] = [:]
    var missing: [AvroDecoder] = []
    for (index, field) in read.fields.enumerated() {
      if let position = position(of: field, in: written), targets[position] == nil {
        targets[position] = index
      } else if let column = columns[index] {
        missing.append(try absent(field, in: written, column))
      } else if isStrict, field.defaultValue == nil {
        throw lacking(field, written)
      }
    }
    let steps = try written.fields.enumerated().map { position, field -> AvroDecoder in
      guard let index = targets[position], let column = columns[index] else {
        return SkippingDecoder(AvroSkip(field.type))
      }
      do { return try decoder(field.type, read.fields[index].type, column) } catch let fault as AvroSchemaFault {
        throw AvroSchemaFault("the field '\(field.name)': \(fault)")
      }
    }
    return RecordDecoder(column, steps + missing)
  }

  private func position(of field: AvroField, in written: AvroRecord) -> Int? {
    let names = isStrict ? [field.name] + field.aliases : [field.name]
    for name in names {
      if let position = written.fields.firstIndex(where: { $0.name == name }) { return position }
    }
    return isStrict ? nil : written.fields.firstIndex { $0.name.lowercased() == field.name.lowercased() }
  }

  private func absent(_ field: AvroField, in written: AvroRecord, _ column: ColumnarArray) throws -> AvroDecoder {
    if isStrict {
      guard let value = field.defaultValue else { throw lacking(field, written) }
      let output = AvroBytes()
      do { try output.append(value, field.type) } catch let fault as AvroSchemaFault {
        throw AvroSchemaFault("the default of the field '\(field.name)': \(fault)")
      }
      return ConstantDecoder(Array(output.bytes), try decoder(field.type, field.type, column))
    }
    return NullDecoder(column)
  }

  private func lacking(_ field: AvroField, _ written: AvroRecord) -> AvroSchemaFault {
    AvroSchemaFault("the record '\(written.name.full)' lacks the field '\(field.name)', which has no default")
  }

  /// The decoder of values of one schema into a column for those of another.
  private func decoder(_ writer: AvroSchema, _ reader: AvroSchema, _ column: ColumnarArray) throws -> AvroDecoder {
    if case .union(let branches) = writer {
      var first: AvroSchemaFault?
      var isPossible = false
      let decoders = try branches.map { branch -> AvroDecoder in
        do {
          let decoder = try decoder(branch, reader, column)
          isPossible = isPossible || branch != .null
          return decoder
        } catch let fault as AvroSchemaFault {
          if branch != .null { first = first ?? fault }
          return RefusedDecoder(
            branch == .null ? "a value is null, but \(reader.title) cannot be" : "\(fault)")
        }
      }
      if let first, !isPossible { throw first }
      return UnionDecoder(decoders)
    }
    if case .union(let branches) = reader {
      if writer == .null {
        guard branches.contains(.null) || !isStrict else { throw mismatch(writer, reader) }
        return NullDecoder(column)
      }
      switch AvroUnion(branches) {
      case .nullable(let type), .number(let type): return try decoder(writer, type, column)
      case .members(let types):
        let index = types.firstIndex(of: writer) ?? types.firstIndex { isReadable(writer, $0) }
        guard let index else { throw mismatch(writer, reader) }
        return MemberDecoder(column, index, try decoder(writer, types[index], column.children[index]))
      }
    }
    switch (writer, reader) {
    case (.null, .null): return NullDecoder(column)
    // Without a schema of the user, any column may lack values.
    case (.null, _) where !isStrict: return NullDecoder(column)
    case (.record(let written), .record(let read)): return try fields(written, read, column, column.children)
    case (.array(let written), .array(let read)):
      return ArrayDecoder(
        column, try decoder(written, read, column.children[0]), takesNoBytes: written.takesNoBytes)
    case (.map(let written), .map(let read)):
      return MapDecoder(column, try decoder(written, read, column.children[1]))
    case (.enumeration(_, let written, _), .enumeration(_, let read, let other)):
      let other = other.flatMap { read.contains($0) ? $0 : nil }
      return EnumerationDecoder(column, written, isStrict ? written.map { read.contains($0) ? $0 : other } : written)
    case (.enumeration(_, let written, _), _) where !isStrict && column.type == .string:
      return EnumerationDecoder(column, written, written)
    default: break
    }
    var meaning = reader
    if !isStrict {
      // Values of the same kind may have another form in each file, such as milliseconds.
      if writer.columnType == column.type {
        meaning = writer
      } else if writer != writer.base || reader != reader.base {
        throw mismatch(writer, reader)
      }
    }
    return try plain(writer.base, meaning, column) ?? { throw mismatch(writer, reader) }()
  }

  /// The decoder of a value without parts; `nil` if the types do not fit.
  private func plain(_ writer: AvroSchema, _ meaning: AvroSchema, _ column: ColumnarArray) throws -> AvroDecoder? {
    if case .logical(.decimal(let precision, _), let base) = meaning, precision <= 38 {
      switch (writer, base) {
      case (.bytes, .bytes): return DecimalDecoder(column, size: nil, precision: precision)
      case (.fixed(_, let size), .fixed(_, let read)) where size == read:
        return DecimalDecoder(column, size: size, precision: precision)
      default: return nil
      }
    }
    switch (writer, meaning.base) {
    case (.boolean, .boolean): return BoolDecoder(column)
    case (.int, .int): return IntDecoder(column)
    case (.long, .long), (.int, .long):
      switch meaning {
      case .logical(.timestampMillis, _), .logical(.localTimestampMillis, _): return MillisecondsDecoder(column)
      default: return LongDecoder(column)
      }
    case (.int, .float), (.long, .float):
      return PromotionDecoder(column) { (input) throws(ColumnarDamage) in Float(try input.long()) }
    case (.int, .double), (.long, .double):
      return PromotionDecoder(column) { (input) throws(ColumnarDamage) in Double(try input.long()) }
    case (.float, .float): return FloatDecoder(column)
    case (.float, .double):
      return PromotionDecoder(column) { (input) throws(ColumnarDamage) in
        Double(Float(bitPattern: try input.fixed(UInt32.self)))
      }
    case (.double, .double): return DoubleDecoder(column)
    case (.string, .string), (.bytes, .bytes), (.string, .bytes), (.bytes, .string): return BytesDecoder(column)
    case (.fixed(_, let size), .fixed(_, let read)) where size == read: return FixedDecoder(column, size: size)
    default: return nil
    }
  }

  private func mismatch(_ writer: AvroSchema, _ reader: AvroSchema) -> AvroSchemaFault {
    AvroSchemaFault("it is \(writer.title) in the file, which cannot be read as \(reader.title)")
  }

  /// True if values can be read as those of another type.
  private func isReadable(_ writer: AvroSchema, _ reader: AvroSchema) -> Bool {
    (try? decoder(writer, reader, ColumnarArray(reader.columnType))) != nil
  }
}

internal import MartletCore

/// The type of the values of a field, as far as it is known.
indirect enum InferredType: Sendable {
  /// Only `null`.
  case null
  case boolean
  case long
  /// An integer beyond `BIGINT`, with so many digits.
  case decimal(Int)
  case double
  case string
  case array(InferredType)
  /// The fields, and the positions of their names.
  case object(InferredFields)

  init(_ record: JSONRecord, _ index: Int, primitivesAsString: Bool, depth: Int = 0) {
    switch record[index].kind {
    case .null: self = .null
    case .string, .key: self = .string
    case .true, .false: self = primitivesAsString ? .string : .boolean
    case .integer: self = primitivesAsString ? .string : .long
    case .number: self = primitivesAsString ? .string : Self.number(record, index)
    case .array:
      var element = InferredType.null
      var item = index + 1
      while item < record[index].end {
        element.merge(InferredType(record, item, primitivesAsString: primitivesAsString))
        item = record.index(after: item)
      }
      self = .array(element)
    case .object:
      var fields = InferredFields()
      record.forEachKey(of: index) { key in
        fields.merge(record.string(key), InferredType(record, key + 1, primitivesAsString: primitivesAsString))
        return true
      }
      self = .object(fields)
    }
  }

  private static func number(_ record: JSONRecord, _ index: Int) -> InferredType {
    if record.wholeNumber(index) != nil { return .long }
    if record.isFraction(index) { return .double }
    let digits = record.number(index).utf8.count { $0 != UInt8(ascii: "-") }
    return digits <= SQLDecimal.maximumPrecision ? .decimal(digits) : .double
  }

  /// Makes this the type of the values of both.
  mutating func merge(_ other: InferredType) {
    switch (self, other) {
    case (_, .null), (.boolean, .boolean), (.long, .long), (.double, .double), (.string, .string): break
    case (.null, _): self = other
    case (.long, .double), (.double, .long), (.decimal, .double), (.double, .decimal): self = .double
    case (.decimal(let a), .decimal(let b)): self = .decimal(max(a, b))
    case (.long, .decimal(let digits)), (.decimal(let digits), .long): self = .decimal(max(digits, 20))
    case (.array(var element), .array(let otherElement)):
      // Otherwise there are two references to it while it changes.
      self = .null
      element.merge(otherElement)
      self = .array(element)
    case (.object(var fields), .object(let otherFields)):
      self = .null
      for (name, type) in otherFields.list { fields.merge(name, type) }
      self = .object(fields)
    default: self = .string
    }
  }

  /// The type of a column; `nil` for an object without fields.
  var dataType: DataType? {
    switch self {
    case .null, .string: .string
    case .boolean: .boolean
    case .long: .long
    case .decimal(let digits): .decimal(precision: digits, scale: 0)
    case .double: .double
    case .array(let element): element.dataType.map { .array($0) }
    case .object(let fields): fields.schema.fields.isEmpty ? nil : .struct(fields.schema)
    }
  }
}

/// The fields of objects.
struct InferredFields: Sendable {
  private(set) var list: [(name: String, type: InferredType)] = []
  private var positions: [String: Int] = [:]

  mutating func merge(_ name: String, _ type: InferredType) {
    if let position = positions[name] {
      list[position].type.merge(type)
    } else {
      positions[name] = list.count
      list.append((name, type))
    }
  }

  /// The columns, in the order of their names.
  var schema: StructType {
    StructType(
      list.sorted { $0.name < $1.name }.compactMap { field in field.type.dataType.map { StructField(field.name, $0) } })
  }
}

/// The columns of the lines of one partition.
struct InferredLines: Sendable {
  private var fields = InferredFields()
  private var hasMalformed = false

  mutating func add(_ line: Text, _ reader: JSONRecordReader, primitivesAsString: Bool) {
    guard let record = try? reader.read(line), record[0].kind == .object else {
      if line.withUTF8Bytes({ $0.contains { $0 > 0x20 } }) { hasMalformed = true }
      return
    }
    record.forEachKey(of: 0) { key in
      fields.merge(record.string(key), InferredType(record, key + 1, primitivesAsString: primitivesAsString))
      return true
    }
  }

  /// The columns of the lines that are objects.
  var fieldsOfObjects: [StructField] { fields.schema.fields }

  mutating func merge(_ other: InferredLines) {
    for (name, type) in other.fields.list { fields.merge(name, type) }
    hasMalformed = hasMalformed || other.hasMalformed
  }

  /// The schema. Lines that are no objects are kept in a column of their own.
  func schema(_ mode: ParseMode, corruptColumn: String) -> StructType {
    var schema = fields.schema
    if hasMalformed, mode == .permissive, !schema.names.contains(corruptColumn) {
      schema.fields.append(StructField(corruptColumn, .string))
      schema.fields.sort { $0.name < $1.name }
    }
    return schema
  }
}

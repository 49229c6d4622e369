// Types as DDL writes them: `array<struct<name: string, age: int>>`, and lists of columns: `name STRING NOT NULL, age INT`.

extension SQLParser {
  mutating func dataType() throws -> DataType { try nested { try $0.type() } }

  private mutating func type() throws -> DataType {
    let start = index
    guard case .word(let keyword) = next.kind else { throw unexpected("a type") }
    index += 1
    switch keyword {
    case .boolean?: return .boolean
    case .tinyint?, .byte?: return .byte
    case .smallint?, .short?: return .short
    case .int?, .integer?: return .integer
    case .bigint?, .long?: return .long
    case .float?, .real?: return .float
    case .double?: return .double
    case .date?: return .date
    case .timestampNtz?: return .timestampNTZ
    case .timestampLtz?: return .timestamp
    case .timestamp?: return try withoutTimeZone() ? .timestampNTZ : .timestamp
    case .binary?: return .binary
    case .void?: return .null
    case .string?:
      if skip(.collate) {
        let collation = try name("a collation")
        guard collation.uppercased() == "UTF8_BINARY" else {
          throw error("the collation \(collation) is not supported", at: index - 1)
        }
      }
      return .string
    case .varchar?, .char?, .character?:
      if isNext(.leftParenthesis) { _ = try parenthesized { try $0.nonnegativeInteger("a length") } }
      return .string
    case .decimal?, .dec?, .numeric?: return try decimalType(at: start)
    case .interval?: return try intervalType()
    case .array?:
      try require(.less)
      let element = try dataType()
      try require(.greater)
      return .array(element)
    case .map?:
      try require(.less)
      let key = try dataType()
      try require(.comma)
      let value = try dataType()
      try require(.greater)
      return .map(key: key, value: value)
    case .struct?:
      if skip(.angles) { return .struct(StructType()) }
      try require(.less)
      if skip(.greater) { return .struct(StructType()) }
      let fields = try list { try $0.column().field }
      try require(.greater)
      return .struct(StructType(fields))
    default:
      throw error("there is no type \(text(of: tokens[start]))", at: start)
    }
  }

  private mutating func withoutTimeZone() throws -> Bool {
    guard isNext(.without), token(after: 1).keyword == .time else { return false }
    index += 2
    try require(.zone)
    return true
  }

  private mutating func decimalType(at start: Int) throws -> DataType {
    guard isNext(.leftParenthesis) else { return .decimal(precision: 10, scale: 0) }
    let digits = try parenthesized { try $0.list { try $0.nonnegativeInteger("a number of digits") } }
    let scale = digits.count > 1 ? digits[1] : 0
    guard digits.count <= 2, (1...38).contains(digits[0]), scale <= digits[0] else {
      throw error("a decimal has 1 to 38 digits, of which no more than all are after the point", at: start)
    }
    return .decimal(precision: digits[0], scale: scale)
  }

  private mutating func intervalType() throws -> DataType {
    func field() -> IntervalField? { next.keyword.flatMap(IntervalText.Unit.init)?.field }
    guard let first = field() else { return .interval }
    index += 1
    var last = first
    if skip(.to) {
      guard let field = field(), field > first, first > .month || field == .month else {
        throw unexpected("a smaller unit")
      }
      last = field
      index += 1
    }
    return first <= .month ? .yearMonthInterval(from: first, to: last) : .dayTimeInterval(from: first, to: last)
  }

  // MARK: Columns

  /// A column with what DDL may add to it.
  mutating func column() throws -> ColumnDefinition {
    let name = try name("the name of a column")
    _ = skip(.colon)
    var column = ColumnDefinition(StructField(name, try dataType()))
    while true {
      if skip(.not) || skip(.exclamation) {
        try require(.null)
        column.field.nullable = false
      } else if skip(.comment) {
        column.comment = try string("a comment")
      } else {
        return column
      }
    }
  }
}

/// A column of a statement `CREATE TABLE`.
struct ColumnDefinition: Hashable, Sendable {
  var field: StructField
  var comment: String?
  var defaultValue: Expression?
  /// The default value as it is written.
  var defaultText: String?

  init(
    _ field: StructField, comment: String? = nil, defaultValue: Expression? = nil, defaultText: String? = nil
  ) {
    self.field = field
    self.comment = comment
    self.defaultValue = defaultValue
    self.defaultText = defaultText
  }
}

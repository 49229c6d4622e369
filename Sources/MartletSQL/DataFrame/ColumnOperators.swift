// Each operator has two forms, so that the type checker has few to try: a column on the left and anything on the right,
// or a constant on the left and a column on the right.

extension Column {
  private init(_ name: String, _ left: some ColumnOperand, _ right: some ColumnOperand) {
    self.init(.call(name, left.operand.expression, right.operand.expression))
  }

  // MARK: Comparisons

  /// True where both values are equal; `NULL` where one of them is `NULL`.
  public static func == (left: Column, right: some ColumnOperand) -> Column { Column("==", left, right) }
  /// True where both values are equal; `NULL` where one of them is `NULL`.
  public static func == (left: some ValueConvertible, right: Column) -> Column { Column("==", left, right) }
  /// True where the values are not equal; `NULL` where one of them is `NULL`.
  public static func != (left: Column, right: some ColumnOperand) -> Column { !Column("==", left, right) }
  /// True where the values are not equal; `NULL` where one of them is `NULL`.
  public static func != (left: some ValueConvertible, right: Column) -> Column { !Column("==", left, right) }
  /// True where the first value is smaller.
  public static func < (left: Column, right: some ColumnOperand) -> Column { Column("<", left, right) }
  /// True where the first value is smaller.
  public static func < (left: some ValueConvertible, right: Column) -> Column { Column("<", left, right) }
  /// True where the first value is not greater.
  public static func <= (left: Column, right: some ColumnOperand) -> Column { Column("<=", left, right) }
  /// True where the first value is not greater.
  public static func <= (left: some ValueConvertible, right: Column) -> Column { Column("<=", left, right) }
  /// True where the first value is greater.
  public static func > (left: Column, right: some ColumnOperand) -> Column { Column(">", left, right) }
  /// True where the first value is greater.
  public static func > (left: some ValueConvertible, right: Column) -> Column { Column(">", left, right) }
  /// True where the first value is not smaller.
  public static func >= (left: Column, right: some ColumnOperand) -> Column { Column(">=", left, right) }
  /// True where the first value is not smaller.
  public static func >= (left: some ValueConvertible, right: Column) -> Column { Column(">=", left, right) }

  // MARK: Logic

  /// True where both conditions hold.
  public static func && (left: Column, right: some ColumnOperand) -> Column { Column("and", left, right) }
  /// True where both conditions hold.
  public static func && (left: some ValueConvertible, right: Column) -> Column { Column("and", left, right) }
  /// True where one of the conditions holds.
  public static func || (left: Column, right: some ColumnOperand) -> Column { Column("or", left, right) }
  /// True where one of the conditions holds.
  public static func || (left: some ValueConvertible, right: Column) -> Column { Column("or", left, right) }
  /// True where the condition does not hold.
  public static prefix func ! (column: Column) -> Column { column.calling("not") }

  // MARK: Arithmetic

  /// The sum. A result out of range is an error.
  public static func + (left: Column, right: some ColumnOperand) -> Column { Column("+", left, right) }
  /// The sum. A result out of range is an error.
  public static func + (left: some ValueConvertible, right: Column) -> Column { Column("+", left, right) }
  /// The difference. A result out of range is an error.
  public static func - (left: Column, right: some ColumnOperand) -> Column { Column("-", left, right) }
  /// The difference. A result out of range is an error.
  public static func - (left: some ValueConvertible, right: Column) -> Column { Column("-", left, right) }
  /// The product. A result out of range is an error.
  public static func * (left: Column, right: some ColumnOperand) -> Column { Column("*", left, right) }
  /// The product. A result out of range is an error.
  public static func * (left: some ValueConvertible, right: Column) -> Column { Column("*", left, right) }
  /// The quotient: a `DOUBLE` for whole numbers. Division by zero is an error.
  public static func / (left: Column, right: some ColumnOperand) -> Column { Column("/", left, right) }
  /// The quotient: a `DOUBLE` for whole numbers. Division by zero is an error.
  public static func / (left: some ValueConvertible, right: Column) -> Column { Column("/", left, right) }
  /// The remainder, with the sign of the first value. Division by zero is an error.
  public static func % (left: Column, right: some ColumnOperand) -> Column { Column("%", left, right) }
  /// The remainder, with the sign of the first value. Division by zero is an error.
  public static func % (left: some ValueConvertible, right: Column) -> Column { Column("%", left, right) }
  /// The value with the other sign.
  public static prefix func - (column: Column) -> Column { column.calling("negative") }

  // MARK: Bits

  /// The bits that are set in both numbers.
  public func bitwiseAND(_ other: any ColumnOperand) -> Column { calling("&", other) }
  /// The bits that are set in one of the numbers.
  public func bitwiseOR(_ other: any ColumnOperand) -> Column { calling("|", other) }
  /// The bits that are set in exactly one of the numbers.
  public func bitwiseXOR(_ other: any ColumnOperand) -> Column { calling("^", other) }
}

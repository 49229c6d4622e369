/// The beginning of a window, which a function of `over` sees around each row.
///
/// ```swift
/// let byCustomer = Window.partitionBy("customer").orderBy("time").rowsBetween(Window.unboundedPreceding, 0)
/// df.withColumn("total", sum("amount").over(byCustomer))
/// ```
public enum Window {
  /// The first row of the partition, as the start of a window.
  public static let unboundedPreceding = Int.min
  /// The last row of the partition, as the end of a window.
  public static let unboundedFollowing = Int.max
  /// The current row.
  public static let currentRow = 0

  /// All rows in one partition.
  static let spec = WindowSpec()

  /// Windows of the rows that have the same values in these columns.
  public static func partitionBy(_ columns: any ColumnConvertible...) -> WindowSpec { spec.partitionBy(columns) }

  /// Windows of rows in an order.
  public static func orderBy(_ columns: any ColumnConvertible...) -> WindowSpec { spec.orderBy(columns) }

  /// Windows from a row to another one, by their distance from the current row: negative before it, positive after it.
  public static func rowsBetween(_ start: Int, _ end: Int) -> WindowSpec { spec.rowsBetween(start, end) }

  /// Windows of the rows whose value of the ordering column lies in a range around that of the current row.
  public static func rangeBetween(_ start: Int, _ end: Int) -> WindowSpec { spec.rangeBetween(start, end) }
}

/// The rows that a function of `over` sees: see ``Window``.
public struct WindowSpec: Hashable, Sendable {
  var partition: [Expression] = []
  var order: [SortOrder] = []
  var frame: WindowFrame?

  init() {}

  /// Windows of the rows that have the same values in these columns.
  public func partitionBy(_ columns: any ColumnConvertible...) -> WindowSpec { partitionBy(columns) }

  func partitionBy(_ columns: [any ColumnConvertible]) -> WindowSpec {
    var copy = self
    copy.partition = columns.map(\.column.expression)
    return copy
  }

  /// Windows of rows in an order.
  public func orderBy(_ columns: any ColumnConvertible...) -> WindowSpec { orderBy(columns) }

  func orderBy(_ columns: [any ColumnConvertible]) -> WindowSpec {
    var copy = self
    copy.order = columns.map(\.column.sortOrder)
    return copy
  }

  /// Windows from a row to another one, by their distance from the current row: negative before it, positive after it.
  public func rowsBetween(_ start: Int, _ end: Int) -> WindowSpec { between(.rows, start, end) }

  /// Windows of the rows whose value of the ordering column lies in a range around that of the current row.
  public func rangeBetween(_ start: Int, _ end: Int) -> WindowSpec { between(.range, start, end) }

  private func between(_ unit: WindowFrame.Unit, _ start: Int, _ end: Int) -> WindowSpec {
    var copy = self
    copy.frame = WindowFrame(unit, Self.boundary(start), Self.boundary(end))
    return copy
  }

  private static func boundary(_ distance: Int) -> WindowFrame.Boundary {
    switch distance {
    case Window.unboundedPreceding: .unboundedPreceding
    case Window.unboundedFollowing: .unboundedFollowing
    case 0: .currentRow
    case ..<0: .preceding((-distance).operand.expression)
    default: .following(distance.operand.expression)
    }
  }
}

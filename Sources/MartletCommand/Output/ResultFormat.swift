#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletSQL

  /// The form in which `martlet sql` writes the rows of a result.
  enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json, chart, arrow

    static var names: String {
      let names = allCases.map(\.rawValue)
      return names.dropLast().joined(separator: ", ") + " and " + names.suffix(1).joined()
    }

    /// The writer of one result; `nil` for Arrow, whose streams consist of columns.
    /// - Throws: `MartletError` if the format cannot show these columns.
    func writer(_ schema: StructType, _ text: ValueText, _ output: ResultOutput) throws -> (any ResultWriter)? {
      switch self {
      case .table: TableWriter(schema, text, output)
      case .csv: try CSVWriter(schema, text, output)
      case .json: JSONWriter(text, output)
      case .chart: try ChartWriter(schema, text, output)
      case .arrow: nil
      }
    }
  }

  /// Writes the rows of one result, of which only some are in memory.
  protocol ResultWriter {
    mutating func write(_ row: Row) throws
    /// Writes what is left. Called once, after all rows.
    mutating func finish() throws
  }
#endif

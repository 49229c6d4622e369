#if CommandLineTool
  import MartletSQL

  /// A table as Spark's `show` draws it, with all rows and whole texts.
  ///
  /// Columns are as wide as the cells of the first 10,000 rows need. If a later row needs more, the table ends there, and
  /// another one with wider columns continues it, so that a result of any size is never in memory as a whole.
  struct TableWriter: ResultWriter {
    private let schema: StructType
    private let names: [String]
    private let text: ValueText
    private let output: ResultOutput
    private var lines: [[String]] = []
    /// The widths of the table that has begun.
    private var widths: [Int]?
    /// True if the rows of the result are drawings, such as the plan of EXPLAIN, whose lines a table would join.
    private var isDrawing: Bool

    static let rowsInMemory = 10_000

    init(_ schema: StructType, _ text: ValueText, _ output: ResultOutput) {
      self.schema = schema
      self.text = text
      self.output = output
      names = schema.names.map(Self.cell)
      isDrawing = schema.names == ["plan"]
    }

    mutating func write(_ row: Row) throws {
      if isDrawing {
        if case .string(let plan) = row[0], plan.contains("\n") {
          return try output.append(plan.hasSuffix("\n") ? plan : plan + "\n")
        }
        isDrawing = false
      }
      lines.append(zip(row.values, schema.fields).map { Self.cell(text.text(of: $0, as: $1.type)) })
      if lines.count == Self.rowsInMemory { try writeLines() }
    }

    mutating func finish() throws {
      if isDrawing { return }
      try writeLines()
      if let widths { try output.append(TableDrawing.rule(widths)) }
    }

    private mutating func writeLines() throws {
      let needed = TableDrawing.widths([names] + lines)
      if let widths, zip(needed, widths).contains(where: { $0 > $1 }) {
        try output.append(TableDrawing.rule(widths))
        self.widths = nil
      }
      let widths = widths ?? needed
      if self.widths == nil {
        let rule = TableDrawing.rule(widths)
        try output.append(rule + TableDrawing.line(names, widths) + rule)
      }
      for line in lines { try output.append(TableDrawing.line(line, widths)) }
      self.widths = widths
      lines.removeAll(keepingCapacity: true)
    }

    /// The text in a cell, without characters that would control the terminal.
    private static func cell(_ text: String) -> String { withoutControls(TableDrawing.escaped(text)) }
  }

  /// The text with control characters as hexadecimal numbers: `\x1b`.
  func withoutControls(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .control {
        result += (scalar.value < 16 ? "\\x0" : "\\x") + String(scalar.value, radix: 16)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
#endif

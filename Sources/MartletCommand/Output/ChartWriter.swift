#if CommandLineTool
  import MartletCore
  import MartletSQL

  /// Horizontal bars of the last column of numbers, named by the first column of text.
  ///
  /// ```
  /// Monday  ████████████████▌ 33
  /// Tuesday ████ 8
  /// ```
  /// Without a column of text, another column names the bars, or their position if there is none. Only the first 1,000 rows
  /// are drawn, and a line says so.
  struct ChartWriter: ResultWriter {
    private let text: ValueText
    private let output: ResultOutput
    private let number: Int
    private let label: Int?
    private var bars: [(label: String, value: Double?, text: String)] = []
    private var rows = 0

    static let maximumBars = 1000

    init(_ schema: StructType, _ text: ValueText, _ output: ResultOutput) throws {
      self.text = text
      self.output = output
      guard let number = schema.fields.lastIndex(where: { Self.isNumber($0.type) }) else {
        let columns = schema.fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        throw MartletError(
          .invalidArgument,
          "A chart needs a column of numbers; the columns are \(columns). Convert one with CAST, or use another format."
        )
      }
      self.number = number
      label =
        schema.fields.firstIndex { $0.type == .string } ?? schema.fields.indices.first { $0 != number }
    }

    private static func isNumber(_ type: DataType) -> Bool {
      switch type {
      case .byte, .short, .integer, .long, .float, .double, .decimal: true
      default: false
      }
    }

    mutating func write(_ row: Row) {
      rows += 1
      guard rows <= Self.maximumBars else { return }
      let name = label.map { withoutControls(TableDrawing.escaped(text.text(of: row[$0]))) } ?? "\(rows)"
      let written = text.text(of: row[number])
      // The texts of numbers are those of Swift, but for the names of infinity.
      bars.append((name, Double(written.replacing("Infinity", with: "inf")), written))
    }

    func finish() throws {
      let names = bars.map { CharacterWidth.cut($0.label, to: max(8, output.width / 3)) }
      let nameWidth = names.map(CharacterWidth.columns).max() ?? 0
      let textWidth = bars.map(\.text.count).max() ?? 0
      let values = bars.compactMap(\.value).filter(\.isFinite)
      let scale = BarScale(
        lowest: values.min() ?? 0, highest: values.max() ?? 0, width: max(10, output.width - nameWidth - textWidth - 3))
      for (bar, name) in zip(bars, names) {
        let padding = String(repeating: " ", count: nameWidth - CharacterWidth.columns(name))
        let drawing = bar.value.map { $0.isFinite ? scale.bar($0) : "" } ?? ""
        let parts = [name + padding, drawing, bar.text].filter { !$0.isEmpty }
        try output.append(parts.joined(separator: " ") + "\n")
      }
      if rows > bars.count { try output.append("only the first \(bars.count) of \(rows) rows are drawn\n") }
      if rows == 0 { try output.append("no rows\n") }
    }
  }

  /// The drawing of numbers as bars from zero, in eighths of a column.
  struct BarScale {
    private let lowest: Double
    private let highest: Double
    private let width: Int

    /// - Parameter width: the columns for the bars of all numbers from `lowest` to `highest`, and zero.
    init(lowest: Double, highest: Double, width: Int) {
      self.lowest = min(0, lowest)
      self.highest = max(0, highest)
      self.width = width
    }

    /// The columns to the left of zero.
    private var zero: Int {
      guard lowest < 0 else { return 0 }
      if highest == 0 { return width }
      // Halves, since the difference of the largest numbers has no finite value.
      return Int((Double(width) * ((lowest / 2) / (lowest / 2 - highest / 2))).rounded())
    }

    /// The bar of a finite number, with the space to its left.
    func bar(_ value: Double) -> String {
      if value < 0 {
        let length = min(zero, max(1, Int((Double(zero) * (value / lowest)).rounded())))
        return String(repeating: " ", count: zero - length) + String(repeating: "█", count: length)
      }
      guard highest > 0 else { return String(repeating: " ", count: zero) }
      let eighths = Int((Double((width - zero) * 8) * (value / highest)).rounded())
      let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
      return String(repeating: " ", count: zero) + String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }
  }
#endif

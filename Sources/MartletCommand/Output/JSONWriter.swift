#if CommandLineTool
  import MartletSQL

  /// A JSON object in each line. Numbers that JSON does not have, dates, times and bytes are strings.
  struct JSONWriter: ResultWriter {
    private let text: ValueText
    private let output: ResultOutput

    init(_ text: ValueText, _ output: ResultOutput) {
      self.text = text
      self.output = output
    }

    func write(_ row: Row) throws { try output.append(json(.row(row)) + "\n") }

    func finish() {}

    private func json(_ value: Value) -> String {
      switch value {
      case .null: "null"
      case .boolean, .byte, .short, .integer, .long, .decimal: text.text(of: value)
      case .float(let number): number.isFinite ? text.text(of: value) : string(text.text(of: value))
      case .double(let number): number.isFinite ? text.text(of: value) : string(text.text(of: value))
      case .string(let text): string(text)
      case .array(let elements): "[\(elements.map(json).joined(separator: ","))]"
      case .map(let entries): object(entries.map { (text.text(of: $0.key), $0.value) })
      case .row(let row): object(Array(zip(row.fieldNames, row.values)))
      case .binary, .date, .timestamp, .timestampNTZ, .interval: string(text.text(of: value))
      }
    }

    private func object(_ fields: [(String, Value)]) -> String {
      "{\(fields.map { "\(string($0)):\(json($1))" }.joined(separator: ","))}"
    }

    private func string(_ text: String) -> String {
      var result = "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 32:
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result + "\""
    }
  }
#endif

#if CommandLineTool
  import ArgumentParser
  import MartletSQL

  /// The form in which `martlet sql` writes the rows of a result.
  enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json

    /// Writes all rows to standard output. Only for a table are all of them in memory.
    func write(_ result: DataFrame, statement: UInt) throws {
      if self == .table {
        // The plan of EXPLAIN is a drawing, whose lines a table would join.
        if try result.columns == ["plan"], let row = try result.take(1).first, case .string(let plan) = row[0],
          plan.contains("\n")
        {
          return try writeToStandardOutput(plan.hasSuffix("\n") ? plan : plan + "\n")
        }
        return try writeToStandardOutput(
          result.showString(.max, truncate: false, file: "statement", line: statement))
      }
      let rows = try result.toLocalIterator(file: "statement", line: statement)
      var text = self == .csv ? line(of: rows.schema.names.map { .string($0) }) : ""
      while let row = try rows.next() {
        text += self == .csv ? line(of: row.values) : json(.row(row)) + "\n"
        if text.utf8.count > 1 << 16 {
          try writeToStandardOutput(text)
          text = ""
        }
      }
      try writeToStandardOutput(text)
    }

    // MARK: CSV

    /// A line of CSV. NULL is empty, and an empty text is `""`.
    private func line(of values: [Value]) -> String {
      values.map { value in
        guard case .string(let text) = value else { return value.isNull ? "" : quoted(ValueText().text(of: value)) }
        return text.isEmpty ? "\"\"" : quoted(text)
      }.joined(separator: ",") + "\n"
    }

    private func quoted(_ text: String) -> String {
      let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
      guard text.utf8.contains(where: special.contains) else { return text }
      return "\"\(text.replacing("\"", with: "\"\""))\""
    }

    // MARK: JSON

    private func json(_ value: Value) -> String {
      switch value {
      case .null: "null"
      case .boolean, .byte, .short, .integer, .long, .decimal: ValueText().text(of: value)
      case .float(let number): number.isFinite ? ValueText().text(of: value) : string(ValueText().text(of: value))
      case .double(let number): number.isFinite ? ValueText().text(of: value) : string(ValueText().text(of: value))
      case .string(let text): string(text)
      case .array(let elements): "[\(elements.map(json).joined(separator: ","))]"
      case .map(let entries): object(entries.map { (ValueText().text(of: $0.key), $0.value) })
      case .row(let row): object(Array(zip(row.fieldNames, row.values)))
      case .binary, .date, .timestamp, .timestampNTZ, .interval: string(ValueText().text(of: value))
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

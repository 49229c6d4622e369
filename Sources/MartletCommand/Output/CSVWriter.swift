#if CommandLineTool
  import MartletSQL

  /// Lines of CSV, of which the first names the columns. NULL is empty, and an empty text is `""`.
  struct CSVWriter: ResultWriter {
    private let schema: StructType
    private let text: ValueText
    private let output: ResultOutput

    init(_ schema: StructType, _ text: ValueText, _ output: ResultOutput) throws {
      self.schema = schema
      self.text = text
      self.output = output
      try output.append(line(schema.names.map(field)))
    }

    func write(_ row: Row) throws {
      try output.append(
        line(
          zip(row.values, schema.fields).map { value, column in
            if case .string(let text) = value { return field(text) }
            return value.isNull ? "" : quoted(text.text(of: value, as: column.type))
          }))
    }

    func finish() {}

    private func line(_ fields: [String]) -> String { fields.joined(separator: ",") + "\n" }

    private func field(_ text: String) -> String { text.isEmpty ? "\"\"" : quoted(text) }

    private func quoted(_ text: String) -> String {
      let needsQuotes = text.utf8.contains { byte in
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 10 || byte == 13
      }
      return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
  }
#endif

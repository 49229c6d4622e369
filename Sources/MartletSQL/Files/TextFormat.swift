/// Text files: a row is a line.
struct TextFormat: FileFormat {
  let name = "text"

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation {
    let options = try FileOptions("text", scan.options, ["wholetext", "lineSep", "compression", "encoding"])
    try options.require("encoding", oneOf: ["UTF-8"])
    let list = try FileList(scan.paths, options, infersTypes: state.infersPartitionTypes)
    var output = FileColumns(list, scan.schema, state)
    let fields = output.withoutPartitions(scan.schema) ?? StructType([StructField("value", .string)])
    guard fields.fields.count == 1, fields.fields[0].type == .string else {
      throw FileOptions.fault("The schema of text files is one column of type string, not \(DataType.struct(fields)).")
    }
    if list.files.isEmpty { return try state.nothing(scan, list) }
    let source = try LineSource(list, options, state, isWhole: try options.bool("wholetext"))
    output.append(fields.fields[0], "f.line")
    output.take(source)
    return output.relation(" FROM \(source.sql) f")
  }

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions("text", options, ["compression", "codec", "encoding", "lineSep"], isWritten: true)
    guard columns.count == 1, columns[0].type == .string else {
      let types = columns.map { "\($0.name) \($0.type)" }
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
          "Text files take one column of type string, not \(types.isEmpty ? "none" : listed(types)). Select one, or put several together with concat_ws."
        )
      ])
    }
    return try WrittenLines(options, ".txt").encoding("coalesce(\(columns[0].sql), '')", header: nil)
  }
}

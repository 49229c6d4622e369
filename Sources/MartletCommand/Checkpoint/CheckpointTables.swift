#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletInspection
  import MartletSQL

  /// The contents of a checkpoint as tables: `checkpoint`, `inputs`, `batches`, `operators`, `state` and `segments`.
  ///
  /// All tables are of one moment, even if a program uses the checkpoint. They are in memory.
  struct CheckpointTables {
    private let reader: CheckpointReader
    private let report: CheckpointReport

    /// - Throws: `MartletError` if the folder cannot be read, contains no checkpoint, or nothing in it can be read.
    init(_ folder: String) throws {
      reader = try CheckpointReader(withoutTrailingSlashes(localPath(folder)))
      report = try reader.report()
    }

    /// Descriptions of damaged or missing parts.
    var problems: [String] { report.problems }

    /// Reads `name=folder`.
    static func parts(of argument: String) throws -> (name: String, folder: String) {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw ValidationError(
          "--checkpoint is \(argument); it must be a name and a folder, such as orders=/var/orders/checkpoint.")
      }
      return (String(parts[0]), String(parts[1]))
    }

    /// Registers the tables as views whose names begin with `prefix`. Damage is reported on standard error.
    func register(in spark: SparkSession, prefix: String = "") throws {
      for problem in problems { complain("DAMAGED: \(problem)") }
      func register(_ name: String, _ columns: [Column], _ rows: [[Value]]) throws {
        let schema = StructType(columns.map { StructField($0.name, $0.type) })
        try spark.createDataFrame(rows.map { Row(values: $0, schema: schema) }, schema: schema)
          .createOrReplaceTempView(prefix + name)
      }
      try register("checkpoint", Self.checkpointColumns, [checkpointRow])
      try register("inputs", Self.inputColumns, report.inputs.map(inputRow))
      try register("batches", Self.batchColumns, batchRows)
      try register("operators", Self.operatorColumns, report.operators.map(operatorRow))
      try register("segments", Self.segmentColumns, report.segments.map(segmentRow))
      let states = try states()
      try register("state", states.columns, states.rows)
    }

    // MARK: Tables

    private struct Column {
      var name: String
      var type: DataType

      init(_ name: String, _ type: DataType) { (self.name, self.type) = (name, type) }
    }

    private static let checkpointColumns = [
      Column("path", .string), Column("owner_process", .long), Column("owner_is_alive", .boolean),
      Column("stopped_in_good_order", .boolean), Column("batch_interval_ms", .double), Column("begun", .timestamp),
      Column("done_through", .timestamp), Column("planned_through", .timestamp),
    ]

    private var checkpointRow: [Value] {
      let interval = report.batchInterval.components
      return [
        .string(report.path), number(report.owner.map { Int($0.process) }),
        report.owner.map { .boolean($0.isLocked || $0.isAlive) } ?? .null, .boolean(report.wasStopped),
        .double(Double(interval.seconds) * 1000 + Double(interval.attoseconds) / 1e15), time(report.zeroTime),
        report.doneThrough == report.zeroTime ? .null : time(report.doneThrough), time(report.plannedThrough),
      ]
    }

    private static let inputColumns = [
      Column("id", .string), Column("site", .string), Column("progress", .string), Column("kept_bytes", .long),
    ]

    private func inputRow(_ input: CheckpointReport.Input) -> [Value] {
      [
        .string(input.id), .string(input.site), input.progress.map { .string($0.text) } ?? .null,
        number(input.keptBytes),
      ]
    }

    private static let batchColumns = [
      Column("time", .timestamp), Column("input", .string), Column("records", .long), Column("is_pending", .boolean),
      Column("contents", .string),
    ]

    private var batchRows: [[Value]] {
      let pending = Set(report.pending)
      var rows: [[Value]] = []
      var known: Set<Time> = []
      for input in report.inputs {
        for batch in input.batches {
          known.insert(batch.time)
          rows.append([
            time(batch.time), .string(input.id), number(batch.records), .boolean(pending.contains(batch.time)),
            .string(batch.contents.text),
          ])
        }
      }
      return rows
        + report.pending.filter { !known.contains($0) }.map { [time($0), .null, .null, .boolean(true), .null] }
    }

    private static let operatorColumns = [
      Column("id", .string), Column("name", .string), Column("site", .string), Column("operation", .string),
      Column("key_type", .string), Column("state_type", .string), Column("keys", .long), Column("log_bytes", .long),
      Column("result_bytes", .long),
    ]

    private func operatorRow(_ node: CheckpointReport.Operator) -> [Value] {
      [
        .string(node.id), .string(node.name), .string(node.site), .string(node.operation), .string(node.keyType),
        .string(node.stateType), number(node.keyCount), number(node.logBytes), number(node.resultBytes),
      ]
    }

    private static let segmentColumns = [
      Column("file", .string), Column("bytes", .long), Column("counted_bytes", .long), Column("is_needed", .boolean),
      Column("problem", .string),
    ]

    private func segmentRow(_ segment: CheckpointReport.Segment) -> [Value] {
      [
        .string("\(segment.name)"), number(segment.size), number(segment.counted), .boolean(segment.isNeeded),
        segment.problem.map { .string($0) } ?? .null,
      ]
    }

    /// The keys of all stateful operators with their states. An operator whose state cannot be read is reported on standard
    /// error.
    private func states() throws -> (columns: [Column], rows: [[Value]]) {
      var entries: [(id: String, entry: StateEntry)] = []
      for node in report.operators {
        do {
          entries += try reader.states(of: node.id).entries.map { (node.id, $0) }
        } catch let error as MartletError { complain("The table state lacks an operator: \(error.message)") }
      }
      let keyType = ScalarType(of: entries.lazy.map(\.entry.key))
      let valueType = ScalarType(of: entries.lazy.map(\.entry.state))
      let columns = [
        Column("operator", .string), Column("key", keyType.type), Column("value", valueType.type),
        Column("touched", .timestamp),
      ]
      let rows: [[Value]] = entries.map { id, entry in
        [.string(id), keyType.value(entry.key), valueType.value(entry.state), time(entry.touched)]
      }
      return (columns, rows)
    }

    private func number(_ number: Int?) -> Value { number.map { .long(Int64($0)) } ?? .null }

    private func time(_ time: Time) -> Value { .timestamp(SQLTimestamp(microseconds: Int64(time.microseconds))) }
  }

  /// The type of a column that holds values of a checkpoint: that of all of them, if they are truth values, numbers or texts,
  /// and otherwise text, which is JSON for values that are not.
  struct ScalarType: Hashable {
    let type: DataType

    init(of values: some Sequence<DynamicValue>) {
      var common = DataType.null
      for value in values {
        let type = Self.type(of: value)
        switch (common, type) {
        case (_, common), (_, .null): break
        case (.null, _): common = type
        case (.long, .double), (.double, .long): common = .double
        default: common = .string
        }
        if common == .string { break }
      }
      type = common == .null ? .string : common
    }

    private static func type(of value: DynamicValue) -> DataType {
      switch value {
      case .null: .null
      case .bool: .boolean
      case .signed: .long
      case .unsigned(let number): number <= UInt64(Int64.max) ? .long : .string
      case .double: .double
      case .string, .array, .object, .bytes: .string
      }
    }

    /// The value in the column.
    func value(_ value: DynamicValue) -> Value {
      switch (value, type) {
      case (.null, _): .null
      case (.bool(let value), .boolean): .boolean(value)
      case (.signed(let number), .long): .long(number)
      case (.signed(let number), .double): .double(Double(number))
      case (.unsigned(let number), .long): .long(Int64(number))
      case (.unsigned(let number), .double): .double(Double(number))
      case (.double(let number), _) where type == .double: .double(number)
      case (.string(let text), _): .string(text)
      default: .string(value.description)
      }
    }
  }
#endif

import Foundation
import Martlet
import TortureVerifier

extension Workload {
  /// Sets up the program.
  ///
  /// - Parameters:
  ///   - computing: called for each record, in the task that computes it.
  ///   - committing: called for each row, in the closure that commits it.
  func setUp(
    _ ssc: StreamingContext, _ options: Options, computing: @escaping @Sendable () throws -> Void,
    committing: @escaping @Sendable () throws -> Void
  ) {
    let out = "\(options.folder)/out"
    let records =
      self == .map
      ? mapped(ssc, options, computing: computing)
      : ssc.textFileStream("\(options.folder)/in").map {
        (line: Text) -> Text in
        try computing()
        return line
      }
    records.saveAsTextFiles("\(out)/records")
    commit(records, to: "\(out)/committed", committing: committing)
    let ones = records.map { (key(of: $0), 1) }
    let batch = Duration.milliseconds(options.interval)
    switch self {
    case .files, .map: break
    case .windows:
      let length = batch * Workload.windowLength
      ones.reduceByKeyAndWindow({ $0 + $1 }, length, batch * Workload.windowSlide)
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(out)/window")
      ones.reduceByKeyAndWindow({ $0 + $1 }, { $0 - $1 }, length, batch, filterFunc: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(out)/inverse")
    case .history:
      let length = batch * Workload.windowLength
      ones.updateStateByKey { counts, total in (total ?? 0) + counts.reduce(0, +) }
        .reduceByKeyAndWindow({ $0 + $1 }, length, batch * Workload.windowSlide)
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(out)/recent")
      let spec = StateSpec.function { (key: Text, one: Int?, total: State<Int>) -> (Text, Int) in
        try total.update((total.getOption() ?? 0) + (one ?? 0))
        return (key, try total.get())
      }
      ones.mapWithState(spec)
        .reduceByKeyAndWindow({ $0 + $1 }, { $0 - $1 }, length, batch, filterFunc: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(out)/given")
    case .update:
      ones.updateStateByKey { counts, total in (total ?? 0) + counts.reduce(0, +) }
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(out)/totals")
    }
  }

  /// Writes each partition of a batch in one transaction, in the plain form: rows in a loop, and a commit after it. A
  /// committed partition is left out when its batch runs again.
  private func commit(
    _ records: DStream<Text>, to folder: String, committing: @escaping @Sendable () throws -> Void
  ) {
    records.map { ($0, 1) }.reduceByKey({ $0 + $1 }, 3).foreachRDD { rdd, time in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try rdd.foreachPartition { rows in
        let file = "\(folder)/\(time.milliseconds)-\(TaskContext.current?.partitionID ?? 0)"
        guard !FileManager.default.fileExists(atPath: file) else { return }
        var text = ""
        for (line, count) in rows {
          try committing()
          text += "\(count) \(line)\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
      }
    }
  }

  /// The receiver gets every record at least once. The number of a source's last record, in the state, shows which
  /// records have come before.
  private func mapped(
    _ ssc: StreamingContext, _ options: Options, computing: @escaping @Sendable () throws -> Void
  ) -> DStream<Text> {
    let spec = StateSpec.function { (source: Text, record: (Int, Text)?, last: State<Int>) -> Text in
      guard let (number, line) = record else { return "\(source) came without a record" }
      if let before = last.getOption(), number <= before { return "again \(line)" }
      try last.update(number)
      return line
    }
    return ssc.receiverStream(NumberedReceiver(port: options.port))
      .map { (line: Text) -> (Text, (Int, Text)) in
        try computing()
        let words: [Text] = line.split(separator: " ")
        guard words.count == 3, let number = Int(words[2]) else { throw NoRecord(line: line) }
        return (words[1], (number, line))
      }
      .mapWithState(spec)
  }
}

/// The first word of a record.
private func key(of line: Text) -> Text { line.split(separator: " ").first ?? "" }

private struct NoRecord: Error {
  var line: Text
}

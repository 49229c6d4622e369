import ArgumentParser
import Foundation
import Martlet
import MartletSQL
import Measuring

/// A record of six fields, about as long as a short message with its author.
struct Message: Codable, Sendable {
  var id: Int
  var user: Text
  var text: Text
  var language: Text
  var likes: Int?
  var score: Double
}

/// The same with strings, for decoders that do not know `Text`.
struct StringMessage: Codable, Sendable {
  var id: Int
  var user: String
  var text: String
  var language: String
  var likes: Int?
  var score: Double
}

/// Lines of JSON as values and as tables, on one thread, beside Foundation's decoder and DuckDB's reader of files.
///
/// Each measurement reads the same file; `lines` only finds its lines, and its time is part of all others.
@main struct JSONBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "json-bench", abstract: "Reads lines of JSON in several ways. Prints MB per second of processor time.")

  @Option(help: "The number of records.") var records = 500_000
  @Option(help: "The number of times that each way runs; they take turns.") var rounds = 3
  @Flag(help: "Also measure tables, which need DuckDB.") var tables = false
  @Flag(help: "Leave out Foundation's decoder, which takes long.") var withoutFoundation = false

  func run() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-messages.json").path
    let bytes = try write(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let context = MartletContext(master: "local[1]", appName: "json")
    let lines = { context.textFile(path, minPartitions: 1) }
    var ways: [(name: String, run: () throws -> Int)] = [
      ("lines", { try lines().count() }),
      ("parseJSON", { try lines().parseJSON(as: Message.self).accepted.count() }),
      ("parseJSON-strings", { try lines().parseJSON(as: StringMessage.self).accepted.count() }),
    ]
    if !withoutFoundation {
      ways.append(
        (
          "JSONDecoder",
          {
            try lines().mapPartitions { lines in
              let decoder = JSONDecoder()
              return lines.lazy.map { line in
                line.withUTF8Bytes { (try? decoder.decode(StringMessage.self, from: Data($0))) != nil ? 1 : 0 }
              }
            }.count()
          }
        ))
    }
    if tables {
      let spark = try SparkSession(context)
      let schema = "id BIGINT, user STRING, text STRING, language STRING, likes BIGINT, score DOUBLE"
      let total = { (frame: DataFrame) in
        try frame.agg(sum("id"), max("text"), sum("score")).collect()
        return self.records
      }
      ways.append(("toJSONDataFrame", { try total(lines().toJSONDataFrame(schema)) }))
      ways.append(("spark.read.json", { try total(spark.read.schema(schema).json(path)) }))
    }
    var speeds = ways.map { _ in [Double]() }
    for _ in 0..<rounds {
      for (index, way) in ways.enumerated() {
        let stopwatch = Stopwatch()
        let count = try way.run()
        guard count == records else { throw ValidationError("\(way.name) has read \(count) of \(records) records") }
        speeds[index].append(Double(bytes) / 1e6 / stopwatch.cpuSeconds)
      }
    }
    for (way, speeds) in zip(ways, speeds) {
      printResult(
        "json",
        [
          "way": way.name, "MB_per_cpu_s": Measuring.Decimal(speeds.median, places: 1),
          "records_per_cpu_s": Measuring.Decimal(speeds.median * 1e6 / Double(bytes) * Double(records), places: 0),
        ])
    }
    printProcess()
  }

  /// Writes the records, and returns the number of bytes.
  private func write(_ path: String) throws -> Int {
    var random = SplitMix(seed: 7)
    let words = ["stream", "batch", "window", "state", "a", "the", "of", "records", "is", "fast", "naïve", "count"]
    var text = ""
    for id in 0..<records {
      let message = (0..<Int.random(in: 5...25, using: &random)).map { _ in
        words[Int.random(in: 0..<words.count, using: &random)]
      }.joined(separator: " ")
      let likes = Int.random(in: 0..<4, using: &random) == 0 ? "null" : "\(Int.random(in: 0..<1000, using: &random))"
      text += """
        {"id":\(1_000_000_000 + id),"user":"user-\(Int.random(in: 0..<100_000, using: &random))","text":"\(message)",\
        "language":"en","likes":\(likes),"score":\(Double(Int.random(in: 0..<100_000, using: &random)) / 1000)}

        """
    }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return text.utf8.count
  }
}

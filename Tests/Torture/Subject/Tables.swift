#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Martlet
import MartletSQL
import MartletTesting
import MartletTorture

/// Adds the lines of the files `1`, `2` … of a folder to a table, one file for each batch, with a checkpoint to continue
/// from, and keeps another table with the sum of each digit. Marks the time of each completed batch.
///
/// - Parameter start: the initial time of the clock, in seconds.
func saveTables(from input: String, at start: Int, in folder: String) throws {
  let test = TestStreamingContext(
    conf: MartletConf().setMaster("local[1]").setAppName("tables").set(.fileSettleTime, to: .zero))
  let clock = test.clock
  clock.advance(by: .seconds(start))
  try session(test.context.sparkContext, folder)
  test.context.checkpoint("\(folder)/checkpoint")
  let lines = test.context.fileStream(
    input,
    filter: { path in
      guard let number = Int(path.split(separator: "/").last ?? "") else { return false }
      return number * 1000 <= clock.now.milliseconds
    }, newFilesOnly: false
  ) { sc, paths in sc.textFile(paths) }
  lines.saveAsTable("lines", "line")
  lines.map { ($0, 1) }.updateStateByKey { values, sum in (sum ?? 0) + values.reduce(0, +) }
    .saveAsTable("sums", "line", "times", mode: .update(keys: ["line"]))
  try test.start()
  for _ in 0..<4 { mark("\(try test.runBatch().milliseconds)", in: folder) }
  test.stop()
}

/// Prints the rows of a table, in order.
func readTable(_ name: String, in folder: String) throws {
  let spark = try session(MartletContext(master: "local[1]", appName: "reading"), folder)
  guard try spark.catalog.tableExists(name) else { return }
  for row in try spark.table(name).collect().map({ row in row.values.map { "\($0)" }.joined(separator: " ") }).sorted()
  {
    print(row)
  }
  spark.stop()
}

/// Keeps the warehouse open until standard input ends.
func holdTables(in folder: String) throws {
  let spark = try session(MartletContext(master: "local[1]", appName: "holding"), folder)
  try spark.range(3).write.saveAsTable("held")
  print("held")
  fflush(nil)
  while readLine() != nil {}
  spark.stop()
}

/// The session of a context, with the warehouse in a folder.
@discardableResult
func session(_ context: MartletContext, _ folder: String) throws -> SparkSession {
  let spark = try SparkSession(context)
  spark.conf.set("spark.sql.warehouse.dir", "\(folder)/warehouse")
  return spark
}

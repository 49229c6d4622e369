// The Swift code of docs/databases.md, compiled; the functions are never called.

import Foundation
import Martlet
import MartletDatabases
import MartletJDBC

func databaseProgram(_ secret: String) async throws {
  let shop = try Database("jdbc:postgresql://localhost:5432/shop", user: "martlet", password: secret)
  try shop.execute("CREATE TABLE IF NOT EXISTS word_counts (word text PRIMARY KEY, total bigint)")

  let ssc = try StreamingContext.getOrCreate("checkpoint") {
    let ssc = StreamingContext(appName: "WordTotals", batchInterval: .seconds(1))
    let words = ssc.textFileStream("in").flatMap { $0.split(separator: " ") }.map { ($0, 1) }
    let totals = words.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
    try totals.write(to: DatabaseSink(shop, table: "word_counts", columns: "word", "total", mode: .upsert("word")))
    return ssc
  }
  try await ssc.run()
}

struct PumpReading: Codable, Sendable { var sensor: String, pressure: Double?, at: Date }

func databaseStructures(_ readings: DStream<PumpReading>, _ plant: Database) throws {
  try readings.write(to: DatabaseSink(plant, table: "readings"), byPartition: true)
}

func databaseFrames(_ spark: SparkSession, _ secret: String) async throws {
  let words = spark.read.jdbc("jdbc:postgresql://localhost/shop", "word_counts", ["user": "ann", "password": secret])
  try await words.where("total > 100").write.jdbc("jdbc:sqlite:frequent.db", "frequent", mode: .overwrite)
}

func databaseQueries(_ readings: DStream<(Text, Double)>, _ plant: Database) throws {
  try readings.transformSQL("SELECT sensor, max(pressure) AS peak FROM batch GROUP BY sensor", "sensor", "pressure")
    .write(to: DatabaseSink<Row>(plant, table: "peaks"))
}

import Martlet
import MartletSQL

/// Writes three rows to `out` in the folder, as CSV.
func writeFrame(_ mode: String, in folder: String) throws {
  let spark = try SparkSession(MartletContext(master: "local[1]", appName: "frames"))
  try spark.sql("SELECT concat('new', id) AS line FROM range(3) ORDER BY id").write.mode(mode).csv("\(folder)/out")
  spark.stop()
}

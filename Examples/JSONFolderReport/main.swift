// Reports on a folder of JSON files with a request to a web server in each line: the slowest paths, and the errors of each
// day. No stream is needed. Folders such as `day=2026-11-28` add a column.
//   swift run -c release json-folder-report --demo
// reads files that come with the program. `make duckdb` installs the library that runs SQL.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import ExampleSupport
import MartletSQL

let options = ExampleOptions(
  """
  json-folder-report FOLDER
    --demo                  read files that come with the program, in place of FOLDER
  """, flags: ["--demo"])
let folder = options.has("--demo") ? folderOfExample("requests") : options.argument(0, "FOLDER")

do {
  let spark = try SparkSession.builder.master(options.master(default: "local[*]")).appName("JSONFolderReport")
    .getOrCreate()
  defer { spark.stop() }

  // A line that is not such a request is kept in the column `rejected`.
  let lines = spark.read.schema("time TIMESTAMP, path STRING, status INT, ms DOUBLE, user STRING, rejected STRING")
    .option("columnNameOfCorruptRecord", "rejected").json(folder).cache()
  let requests = lines.filter("rejected IS NULL").drop("rejected")
  print(
    "\(try requests.count()) requests; \(try lines.filter("rejected IS NOT NULL").count()) lines are none:")
  for row in try lines.filter("rejected IS NOT NULL").select("rejected").take(5) { print("  \(row[0])") }

  print("The slowest paths, in milliseconds:")
  try requests.groupBy("path")
    .agg(count("*").alias("requests"), round(avg("ms"), 1).alias("average"), max("ms").alias("slowest"))
    .orderBy(desc("average")).show(10, truncate: false)

  print("Errors of each day:")
  try requests.createOrReplaceTempView("requests")
  try spark.sql(
    """
    SELECT day, path, count(*) AS requests, count_if(status >= 500) AS errors,
      round(100 * count_if(status >= 500) / count(*), 1) AS percent
    FROM requests
    GROUP BY day, path
    HAVING count_if(status >= 500) > 0
    ORDER BY day, errors DESC, path
    """
  ).show(truncate: false)
} catch {
  writeToStandardError("JSONFolderReport failed: \(error)\n")
  exit(1)
}

/// The path of a folder next to this file.
func folderOfExample(_ name: String, file: String = #filePath) -> String {
  file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
}

import MartletSQL

/// Registers the static tables that every batch is joined with, as the views `pumps` and `maintenance`. They are read once.
func registerTables(in context: MartletContext, pumps: String?, maintenance: String?) throws {
  let spark = try SparkSession(context)
  try register("pumps", pumps ?? tableOfExample("pumps.csv"), "pump STRING, vendor STRING, phone STRING", in: spark)
  try register(
    "maintenance", maintenance ?? tableOfExample("maintenance.csv"),
    "pump STRING, last_service DATE, technician STRING", in: spark)
}

/// Registers a CSV file as a view. Prints the lines that are not in order, which are left out.
private func register(_ name: String, _ path: String, _ schema: String, in spark: SparkSession) throws {
  let lines = spark.read.schema("\(schema), rejected STRING").option("header", true)
    .option("columnNameOfCorruptRecord", "rejected").csv(path).cache()
  for row in try lines.filter("rejected IS NOT NULL").select("rejected").collect() {
    print("Left out of \(name): \(row[0])")
  }
  try lines.filter("rejected IS NULL").drop("rejected").createOrReplaceTempView(name)
}

/// The path of a table in the folder of this file.
private func tableOfExample(_ name: String, file: String = #filePath) -> String {
  file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
}

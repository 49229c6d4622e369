// The Swift code of docs/sql.md, compiled; the functions are never called.

import MartletSQL

func sqlProgram() async throws {
  let ssc = StreamingContext(master: "local[2]", appName: "SQLNetworkWordCount", batchInterval: .seconds(1))
  let words = ssc.socketTextStream("localhost", 9999).flatMap { $0.split(separator: " ") }
  words.foreachRDD { rdd, time in
    let spark = try SparkSession(rdd.context)
    try rdd.toDF("word").createOrReplaceTempView("words")
    try spark.sql("SELECT word, count(*) AS total FROM words GROUP BY word").show()
  }
  try await ssc.run()
}

func sqlSession() async throws {
  let spark = try SparkSession.builder.master("local[2]").appName("Report").getOrCreate()
  try await spark.sql("SELECT id, id * id AS square FROM range(5)").show()
  spark.stop()
}

func sqlFromAnotherTask(_ ssc: StreamingContext) async throws {
  let top = try SparkSession(ssc.sparkContext).sql("SELECT word, total FROM counts ORDER BY total DESC LIMIT 10")
  for row in try await top.collect() { print(row[0], row[1]) }
}

func sqlFunctions(_ spark: SparkSession) throws {
  try spark.udf.register("shout") { (word: String) in word.uppercased() + "!" }
  try spark.sql("SELECT shout(word) FROM words").show()
}

func sqlParameters(_ spark: SparkSession, _ city: String) throws -> [DataFrame] {
  let young = try spark.sql(
    "SELECT name FROM people WHERE age < :age AND city = :city", args: ["age": 30, "city": city])
  let old = try spark.sql("SELECT name FROM people WHERE age > ? AND city = ?", 60, city)
  return [young, old]
}

func sqlAvroAndArrow(df: DataFrame, spark: SparkSession, schema: String) async throws {
  try await df.write.option("compression", "deflate").avro("events")
  let events = spark.read.avro("events")
  let later = spark.read.option("avroSchema", schema).avro("events")
  try await df.write.arrow("batches")
  let batches = spark.read.arrow("batches")
  let bytes = try await df.toArrow()
  _ = (events, later, batches, bytes)
}

func sqlFiles(_ spark: SparkSession) async throws {
  let readings = spark.read.schema("sensor STRING, at TIMESTAMP, value DOUBLE").json("readings/*.json")
  try await readings.groupBy("sensor").count().write.mode("overwrite").option("header", true).csv("counts")
  try await readings.write.mode("append").partitionBy("sensor").parquet("archive")
}

func sqlJSONLines(_ lines: DStream<Text>) {
  lines.foreachDataFrame(json: "user STRING, likes INT", options: ["mode": "DROPMALFORMED"]) { tweets, time in
    try tweets.groupBy("user").agg(sum("likes").alias("likes")).show()
  }
}

func sqlTables(_ spark: SparkSession) throws {
  try spark.sql("CREATE TABLE IF NOT EXISTS orders (id BIGINT NOT NULL, city STRING, price DECIMAL(10, 2))")
  try spark.sql("INSERT INTO orders SELECT id, city, price FROM new_orders")
  try spark.sql("SELECT city, sum(price) FROM orders GROUP BY city").write.mode(.overwrite).saveAsTable("totals")
}

func sqlStreams(_ counts: DStream<(Text, Int)>, _ readings: DStream<some Codable & Sendable>) {
  counts.saveAsTable("counts", "word", "total", mode: .update(keys: ["word"]))
  readings.saveAsTable("readings")
}

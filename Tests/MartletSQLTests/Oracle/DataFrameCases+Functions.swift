import MartletRDD
@testable import MartletSQL

extension DataFrameCases {
  static func functions(_ cases: inout DataFrameCases) {
    cases.frame("df-functions-strings") { t in
      t.people.select(
        concat_ws("-", "name", "city").alias("a"), length("name").alias("b"), lpad("name", 7, "*").alias("c"),
        initcap("name").alias("d"), reverse("name").alias("e"), trim(col("name")).alias("f"))
    }
    cases.frame("df-functions-split-join") { t in
      t.tweets.select("id", array_join(split("text", " "), "|").alias("t"), size(split("text", " ")).alias("n"))
    }
    cases.frame("df-functions-regexp") { t in
      t.tweets.select(
        "id", regexp_extract("text", "#(\\w+)", 1).alias("a"), regexp_replace("text", "[aeiou]", "").alias("b"))
    }
    cases.frame("df-functions-substring") { t in
      t.people.select(
        substring("name", 2, 3).alias("a"), substring_index("name", "a", 1).alias("b"), instr("name", "i").alias("c"),
        locate("a", "name").alias("d"))
    }
    cases.frame("df-functions-format") { t in
      t.people.select(format_string("%s:%d", "name", "id").alias("a"), format_number("salary", 1).alias("b"))
    }
    cases.frame("df-functions-math") { t in
      t.sales.select(
        "id", round("price", 1).alias("a"), floor("price").alias("b"), ceil("price").alias("c"),
        sqrt("price").alias("d"), pow("price", 2).alias("e"), abs(col("price") - 4).alias("f"))
    }
    cases.frame("df-functions-dates") { t in
      t.people.select(
        "id", year("joined").alias("y"), month("joined").alias("m"), dayofmonth("joined").alias("d"),
        date_add("joined", 10).alias("a"), date_format("joined", "dd.MM.yyyy").alias("f"), last_day("joined").alias("l")
      )
    }
    cases.frame("df-functions-date-difference") { t in
      t.people.select(
        "id", datediff(lit("2024-01-01"), "joined").alias("d"),
        months_between(lit("2024-01-01").cast("date"), col("joined")).alias("m"), add_months("joined", 1).alias("a"))
    }
    cases.frame("df-functions-timestamps") { t in
      t.sensors.select(
        "pump", hour("time").alias("h"), minute("time").alias("m"), second("time").alias("s"),
        date_trunc("minute", "time").alias("t"), unix_timestamp("time").alias("u"), to_date("time").alias("d"))
    }
    cases.frame("df-functions-to-date") { t in
      t.people.filter(col("id") == 1).select(
        to_date(lit("29.02.2024"), "dd.MM.yyyy").alias("d"), to_timestamp(lit("2024-02-29 10:11:12")).alias("t"))
    }
    cases.frame("df-functions-nulls") { t in
      t.people.select(
        "id", coalesce("city", "name").alias("a"), isnull("age").alias("b"), nvl("age", lit(0)).alias("c"),
        nullif(col("age"), lit(28)).alias("d"), nanvl(lit(1.0), lit(2.0)).alias("e"))
    }
    cases.frame("df-functions-greatest") { t in
      t.people.select("id", greatest("age", "manager").alias("g"), least("age", "manager").alias("l"))
    }
    cases.frame("df-functions-arrays") { t in
      t.nested.select(
        "id", array_contains("numbers", 5).alias("a"), sort_array("numbers").alias("b"),
        array_distinct("tags").alias("c"), size("numbers").alias("d"), array_max("numbers").alias("e"))
    }
    cases.frame("df-functions-array-of-columns") { t in
      t.people.select(
        array("id", "age").alias("a"), `struct`("id", "name").alias("s"), create_map("name", "age").alias("m"))
    }
    cases.frame("df-functions-transform") { t in t.nested.select("id", transform("numbers", { x in x * 2 }).alias("t"))
    }
    cases.frame("df-functions-transform-index") { t in
      t.nested.select("id", transform("numbers", { x, i in x + i }).alias("t"))
    }
    cases.frame("df-functions-filter-exists") { t in
      t.nested.select(
        "id", filter("numbers", { x in x > 1 }).alias("f"), exists("numbers", { x in x > 4 }).alias("e"),
        forall("numbers", { x in x > 0 }).alias("a"))
    }
    cases.frame("df-functions-aggregate") { t in
      t.nested.select("id", aggregate("numbers", lit(0), { a, x in a + coalesce(x, lit(0)) }).alias("s"))
    }
    cases.frame("df-functions-maps") { t in
      t.nested.select(
        "id", map_keys("scores").alias("k"), map_values("scores").alias("v"), element_at("scores", "a").alias("a"),
        map_filter("scores", { k, v in v > 1 }).alias("f"))
    }
    cases.frame("df-functions-json") { t in
      t.documents.select(
        "id", get_json_object("json", "$.user").alias("u"), from_json("json", "user STRING, age INT").alias("j"))
    }
    cases.frame("df-functions-to-json") { t in t.people.select(to_json(`struct`("id", "name", "age")).alias("j")) }
    cases.frame("df-functions-hashes") { t in
      t.people.select(
        "id", md5("name").alias("a"), sha2("name", 256).alias("b"), crc32("name").alias("c"),
        hash("id", "name").alias("d"), xxhash64("id").alias("e"))
    }
    cases.frame("df-functions-base64-hex") { t in
      t.people.select(base64(col("name").cast("binary")).alias("a"), hex("name").alias("b"), bin("id").alias("c"))
    }
    cases.frame("df-functions-typeof") { t in
      t.people.limit(1).select(
        typeof("id").alias("a"), typeof("salary").alias("b"), typeof(lit(1.5)).alias("c"), typeof(lit(true)).alias("d"))
    }
    cases.frame("df-functions-literals") { t in
      t.people.limit(1).select(
        lit(1).alias("i"), lit(1.5).alias("d"), lit("s").alias("s"), lit(true).alias("b"), lit(nil).alias("n"),
        array(lit(1), lit(2)).alias("a"))
    }
    cases.frame("df-functions-expr") { t in t.people.select(expr("CASE WHEN age > 30 THEN 1 ELSE 0 END").alias("x")) }
    cases.frame("df-functions-call-function") { t in t.people.select(call_function("upper", col("name")).alias("u")) }
    cases.frame("df-functions-try") { t in
      t.people.select(
        "id", try_divide(col("age"), col("id") - 1).alias("d"), try_add(col("age"), lit(2147483647)).alias("a"))
    }
  }

  static func windows(_ cases: inout DataFrameCases) {
    cases.frame("df-window-row-number") { t in
      t.sales.select("id", row_number().over(Window.partitionBy("shop").orderBy("id")).alias("n"))
    }
    cases.frame("df-window-ranks") { t in
      t.people.select(
        "id", rank().over(Window.orderBy("age")).alias("r"), dense_rank().over(Window.orderBy("age")).alias("d"),
        percent_rank().over(Window.orderBy("age")).alias("p"), cume_dist().over(Window.orderBy("age")).alias("c"))
    }
    cases.frame("df-window-ntile") { t in t.people.select("id", ntile(3).over(Window.orderBy("id")).alias("n")) }
    cases.frame("df-window-lag-lead") { t in
      t.sales.select(
        "id", lag("quantity").over(Window.partitionBy("shop").orderBy("id")).alias("a"),
        lead("quantity", 1, 0).over(Window.partitionBy("shop").orderBy("id")).alias("b"))
    }
    cases.frame("df-window-sum") { t in
      t.sales.select("id", sum("quantity").over(Window.partitionBy("shop")).alias("s"))
    }
    cases.frame("df-window-running") { t in
      t.sales.select(
        "id",
        sum("quantity").over(Window.orderBy("id").rowsBetween(Window.unboundedPreceding, Window.currentRow)).alias("s"))
    }
    cases.frame("df-window-rows") { t in
      t.people.select("id", avg("id").over(Window.orderBy("id").rowsBetween(-1, 1)).alias("a"))
    }
    cases.frame("df-window-range") { t in
      t.people.select("id", count("*").over(Window.orderBy("age").rangeBetween(-5, 5)).alias("n"))
    }
    cases.frame("df-window-descending") { t in
      t.people.select("id", row_number().over(Window.orderBy(col("age").desc(), col("id"))).alias("n"))
    }
    cases.frame("df-window-first-last") { t in
      t.sales.select(
        "id", first("product").over(Window.partitionBy("shop").orderBy("id")).alias("f"),
        last("product").over(
          Window.partitionBy("shop").orderBy("id").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
        ).alias("l"))
    }
    cases.frame("df-window-with-column") { t in
      t.sales.withColumn("n", row_number().over(Window.partitionBy("shop").orderBy(col("quantity").desc(), col("id"))))
        .filter(col("n") == 1).drop("n")
    }
    cases.frame("df-window-rank-without-order") { t in t.people.select(rank().over(Window.partitionBy("city"))) }
    cases.frame("df-window-of-time") { t in
      t.sensors.groupBy(window("time", "5 minutes"), "pump").agg(count("*").alias("n")).select(
        "window.start", "window.end", "pump", "n")
    }
    cases.frame("df-window-of-time-sliding") { t in
      t.events.groupBy(window("time", "10 minutes", "5 minutes").alias("w")).agg(sum("amount").alias("s")).select(
        col("w.start").alias("start"), "s")
    }
    cases.frame("df-session-window") { t in
      t.events.groupBy("user", session_window("time", "15 minutes").alias("w")).count().select(
        "user", col("w.end").alias("stop"), "count")
    }
  }

  static func sessions(_ cases: inout DataFrameCases) {
    cases.frame("df-range") { t in t.spark.range(3) }
    cases.frame("df-range-step") { t in t.spark.range(1, 10, 4) }
    cases.frame("df-sql") { t in try t.spark.sql("SELECT name FROM people WHERE id = 1") }
    cases.frame("df-sql-parameters") { t in
      try t.spark.sql("SELECT name FROM people WHERE id = :id AND age > :age", args: ["id": 1, "age": 30])
    }
    cases.frame("df-sql-positional-parameters") { t in
      try t.spark.sql("SELECT name FROM people WHERE id = ? OR name = ?", 1, "O'Neil")
    }
    cases.frame("df-table") { t in t.spark.table("shops") }
    cases.frame("df-sql-then-api") { t in
      try t.spark.sql("SELECT * FROM sales WHERE quantity > 2").groupBy("shop").count()
    }
    cases.frame("df-create") { t in
      try t.spark.createDataFrame([Row(1, "a"), Row(2, nil)], schema: StructType(ddl: "id INT, name STRING"))
    }
    cases.frame("df-hashtags") { t in
      t.tweets.select(explode(split(lower("text"), " ")).alias("tag")).filter(col("tag").startsWith("#")).groupBy("tag")
        .count().orderBy(col("count").desc(), col("tag")).limit(10)
    }
    cases.frame("df-word-count") { t in
      t.words.filter(col("word") != "").groupBy(lower("word").alias("word")).count().orderBy(desc("count"), "word")
    }
  }
}

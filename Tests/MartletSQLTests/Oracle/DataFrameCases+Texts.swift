import MartletRDD
@testable import MartletSQL

extension DataFrameCases {
  static func texts(_ cases: inout DataFrameCases) {
    cases.text("show-people") { t in try t.people.showString() }
    cases.text("show-two-rows") { t in try t.people.orderBy("id").showString(2) }
    cases.text("show-no-rows") { t in try t.people.filter(col("id") > 100).showString() }
    cases.text("show-zero-rows") { t in try t.people.showString(0) }
    cases.text("show-exactly-all-rows") { t in try t.people.select("id", "name").orderBy("id").showString(8) }
    cases.text("show-more-than-twenty") { t in try t.spark.range(25).showString() }
    cases.text("show-nulls") { t in try t.people.select("id", "age", "city", "joined").showString() }
    cases.text("show-long-text") { t in
      try t.spark.sql("SELECT 'abcdefghijklmnopqrstuvwxyz' AS text, 1 AS one").showString()
    }
    cases.text("show-long-text-whole") { t in
      try t.spark.sql("SELECT 'abcdefghijklmnopqrstuvwxyz' AS text, 1 AS one").showString(truncate: false)
    }
    cases.text("show-truncated-to-10") { t in
      try t.people.select("name", "salary", "joined").orderBy("joined", "name").showString(5, truncate: 10)
    }
    cases.text("show-truncated-to-3") { t in try t.people.select("id", "name").orderBy("id").showString(3, truncate: 3)
    }
    cases.text("show-truncated-to-2") { t in try t.people.select("id", "name").orderBy("id").showString(3, truncate: 2)
    }
    cases.text("show-vertical") { t in try t.people.orderBy("id").showString(2, vertical: true) }
    cases.text("show-vertical-whole") { t in
      try t.spark.sql("SELECT 'abcdefghijklmnopqrstuvwxyz' AS text, 1 AS one").showString(
        20, truncate: false, vertical: true)
    }
    cases.text("show-vertical-no-rows") { t in try t.people.filter(col("id") > 100).showString(vertical: true) }
    cases.text("show-vertical-more") { t in try t.spark.range(3).showString(2, vertical: true) }
    cases.text("show-wide-unicode") { t in
      try t.extremes.select("id", "text").filter("id IN (2, 3, 9)").orderBy("id").showString()
    }
    cases.text("show-wide-names") { t in
      try t.spark.sql("SELECT 1 AS `大阪`, '日本語' AS `å`, 'é' AS e, '👍👍' AS thumbs").showString()
    }
    cases.text("show-control-characters") { t in try t.extremes.select("id", "text").filter("id = 5").showString() }
    cases.text("show-more-control-characters") { t in
      try t.spark.sql("SELECT 'a\\rb' AS r, 'a\\fb' AS f, 'a\\u0007b' AS bell, 'a\\u0000b' AS zero, 'a\\u000Bb' AS tab")
        .showString()
    }
    cases.text("show-nested") { t in try t.nested.showString(truncate: false) }
    cases.text("show-nested-truncated") { t in try t.nested.showString() }
    cases.text("show-types") { t in try t.extremes.orderBy("id").showString(truncate: false) }
    cases.text("show-doubles") { t in
      try t.spark.sql(
        "SELECT 1.0D AS a, 1e10D AS b, 1e-7D AS c, double('NaN') AS d, 0.1F AS e, 1e7D AS f, -0.0D AS g, 123456.789D AS h"
      ).showString()
    }
    cases.text("show-binary") { t in try t.spark.sql("SELECT X'00FF10' AS b, X'' AS e").showString() }
    cases.text("show-timestamps") { t in
      try t.sensors.select("pump", "time").orderBy("time").showString(3, truncate: false)
    }
    cases.text("show-intervals") { t in
      try t.spark.sql(
        "SELECT INTERVAL '1 02:03:04.5' DAY TO SECOND AS a, INTERVAL '1-2' YEAR TO MONTH AS b, DATE '2024-03-01' - DATE '2024-02-01' AS c"
      ).showString(truncate: false)
    }
    cases.text("show-decimals") { t in
      try t.sales.select("discount").filter("id IN (1, 2, 5)").orderBy("discount").showString()
    }
    cases.text("show-booleans") { t in try t.people.select("active").distinct().orderBy("active").showString() }
    cases.text("show-generated-names") { t in
      try t.people.groupBy("active").agg(count("*"), avg("age")).orderBy("active").showString()
    }
    cases.text("show-no-columns") { t in try t.people.select().showString(2) }
    cases.text("show-long-name") { t in
      try t.spark.range(1).withColumnRenamed("id", "a name that is longer than twenty characters").showString()
    }
    cases.text("show-word-count") { t in
      try t.words.groupBy("word").count().orderBy(desc("count"), "word").showString(5)
    }
    cases.text("print-schema") { t in try t.people.schema.treeString }
    cases.text("print-schema-types") { t in try t.extremes.schema.treeString }
    cases.text("print-schema-nested") { t in try t.nested.schema.treeString }
    cases.text("print-schema-level") { t in try t.nested.schema.treeString(depth: 1) }
    cases.text("print-schema-of-expressions") { t in
      try t.people.select(
        (col("age") + 1).alias("a"), lit(1).alias("one"), array(lit(1)).alias("l"),
        count("*").over(Window.orderBy("id")).alias("n")
      ).schema.treeString
    }
    cases.text("print-schema-of-no-columns") { t in try t.people.select().schema.treeString }
  }
}

import MartletRDD
@testable import MartletSQL

extension DataFrameCases {
  static func projection(_ cases: inout DataFrameCases) {
    cases.frame("df-select-names") { t in t.people.select("name", "age") }
    cases.frame("df-select-all") { t in t.people.select("*") }
    cases.frame("df-select-columns") { t in t.people.select(col("name"), col("age") + 1) }
    cases.frame("df-select-alias") { t in
      t.people.select((col("age") * 2).alias("doubled"), upper(col("name")).alias("loud"))
    }
    cases.frame("df-select-literal") { t in
      t.people.select("id", lit(1).alias("one"), lit("x").alias("x"), lit(nil).alias("nothing"))
    }
    cases.frame("df-select-star-and-more") { t in t.people.select("*", (col("age") / 2).alias("half")) }
    cases.frame("df-select-struct-field") { t in t.nested.select("id", "person.name", col("person.age").alias("years"))
    }
    cases.frame("df-select-struct-star") { t in t.nested.select("person.*") }
    cases.frame("df-select-backticks") { t in t.people.select(col("name").alias("full name")).select("`full name`") }
    cases.frame("df-select-unknown") { t in t.people.select("nmae") }
    cases.frame("df-select-case") { t in t.people.select("NAME") }
    cases.frame("df-select-nothing-from-empty") { t in t.people.filter(col("id") > 100).select("id") }
    cases.frame("df-select-expr") { t in t.people.selectExpr("id", "age + 1 AS next", "upper(name) AS loud") }
    cases.frame("df-select-expr-aggregate") { t in t.people.selectExpr("count(*) AS n", "max(age) AS oldest") }
    cases.frame("df-select-expr-function") { t in t.people.select(expr("age * 10").alias("x")) }
    cases.frame("df-with-column-new") { t in t.people.withColumn("next", col("age") + 1) }
    cases.frame("df-with-column-replaced") { t in t.people.withColumn("age", col("age") * 10).select("id", "age") }
    cases.frame("df-with-column-replaced-ignores-case") { t in t.people.withColumn("AGE", lit(1)) }
    cases.frame("df-with-columns-two") { t in
      t.people.select("id", "age").withColumn("a", col("age") + 1).withColumn("b", col("a") * 2)
    }
    cases.frame("df-with-column-unknown") { t in t.people.withColumn("x", col("height") + 1) }
    cases.frame("df-with-column-renamed") { t in t.people.withColumnRenamed("name", "called") }
    cases.frame("df-with-column-renamed-unknown") { t in t.people.withColumnRenamed("nothing", "called") }
    cases.frame("df-drop") { t in t.people.drop("salary", "joined") }
    cases.frame("df-drop-unknown") { t in t.people.drop("nothing") }
    cases.frame("df-drop-column") { t in t.lefts.join(t.rights, t.lefts["k"] == t.rights["k"]).drop(t.rights["k"]) }
    cases.frame("df-to-df") { t in t.lefts.toDF("key", "value") }
    cases.frame("df-to-df-wrong-count") { t in t.lefts.toDF("key") }
    cases.frame("df-alias") { t in t.people.alias("p").select("p.name", col("p.id")) }
    cases.value("df-columns") { t in .list(try t.people.columns.map(Cell.string)) }
    cases.value("df-dtypes") { t in .list(try t.extremes.dtypes.map { .list([.string($0.0), .string($0.1)]) }) }
    cases.frame("df-col-regex") { t in t.people.select(t.people.colRegex("`(age|city)`")) }
    cases.frame("df-explode") { t in t.nested.select("id", explode("numbers").alias("n")) }
    cases.frame("df-explode-outer") { t in t.nested.select("id", explode_outer(col("numbers")).alias("n")) }
    cases.frame("df-explode-map") { t in t.nested.select("id", explode("scores")) }
    cases.frame("df-posexplode") { t in t.nested.select("id", posexplode("tags")) }
    cases.frame("df-inline") { t in t.nested.select("id", inline("visits")) }
  }

  static func conditions(_ cases: inout DataFrameCases) {
    cases.frame("df-filter-column") { t in t.people.filter(col("age") > 30) }
    cases.frame("df-filter-text") { t in t.people.filter("age > 30 AND city = 'London'") }
    cases.frame("df-where") { t in t.people.where(col("city") == "London").select("name") }
    cases.frame("df-filter-and-or-not") { t in
      t.people.filter(((col("age") > 30) || (col("city") == "London")) && !col("active"))
    }
    cases.frame("df-filter-twice") { t in t.people.filter(col("age") > 20).filter(col("age") < 40).select("id") }
    cases.frame("df-filter-is-null") { t in t.people.filter(col("city").isNull()) }
    cases.frame("df-filter-is-not-null") { t in t.people.filter(col("age").isNotNull()).select("id", "age") }
    cases.frame("df-filter-in") { t in t.people.filter(col("city").isin("London", "Lyon")).select("id") }
    cases.frame("df-filter-not-in") { t in t.people.filter(!col("city").isin("London", "Lyon")).select("id") }
    cases.frame("df-filter-between") { t in t.people.filter(col("age").between(28, 36)).select("id") }
    cases.frame("df-filter-like") { t in t.people.filter(col("name").like("%i%")).select("name") }
    cases.frame("df-filter-ilike") { t in t.people.filter(col("city").ilike("lo%")).select("city") }
    cases.frame("df-filter-rlike") { t in t.people.filter(col("name").rlike("^[A-C]")).select("name") }
    cases.frame("df-filter-starts-ends-contains") { t in
      t.people.filter(col("name").startsWith("A") || col("name").endsWith("d") || col("name").contains("oe")).select(
        "name")
    }
    cases.frame("df-filter-null-safe") { t in t.people.filter(col("city").eqNullSafe(lit(nil))).select("id") }
    cases.frame("df-filter-not-boolean") { t in t.people.filter(col("age")) }
    cases.frame("df-filter-unknown") { t in t.people.filter(col("height") > 1) }
    cases.frame("df-filter-after-select") { t in t.people.select("name").filter(col("age") > 30) }
    cases.frame("df-filter-nan") { t in t.extremes.filter(isnan("real")).select("id") }
    cases.frame("df-filter-date") { t in t.people.filter(col("joined") >= lit("2020-01-01")).select("id") }
    cases.frame("df-filter-not-equal") { t in t.people.filter(col("city") != "London").select("id") }
  }

  static func columns(_ cases: inout DataFrameCases) {
    cases.frame("df-column-arithmetic") { t in
      t.people.select(
        "id", (col("age") + 1).alias("a"), (col("age") - 1).alias("b"), (col("age") * 2).alias("c"),
        (col("age") / 2).alias("d"), (col("age") % 7).alias("e"), (-col("age")).alias("f"))
    }
    cases.frame("df-column-reversed-arithmetic") { t in
      t.people.select(
        "id", (1 + col("age")).alias("a"), (100 - col("age")).alias("b"), (2 * col("age")).alias("c"),
        (100 / col("age")).alias("d"))
    }
    cases.frame("df-column-comparisons") { t in
      t.people.select(
        "id", (col("age") == 28).alias("a"), (col("age") != 28).alias("b"), (col("age") < 30).alias("c"),
        (col("age") <= 28).alias("d"), (col("age") >= 36).alias("e"))
    }
    cases.frame("df-column-comparison-of-columns") { t in
      t.people.select("id", (col("age") > col("manager") * 10).alias("a"))
    }
    cases.frame("df-column-cast") { t in
      t.people.select(
        col("age").cast("string").alias("s"), col("age").cast("double").alias("d"), col("salary").cast("int").alias("i")
      )
    }
    cases.frame("df-column-cast-malformed") { t in t.people.select(col("name").cast("int")) }
    cases.frame("df-column-try-cast") { t in t.extremes.select("id", col("text").tryCast("int").alias("i")) }
    cases.frame("df-column-astype") { t in t.people.select(col("age").astype("bigint").alias("l")) }
    cases.frame("df-column-when") { t in
      t.people.select(
        "id", when(col("age") < 30, "young").when(col("age") < 40, "middle").otherwise("old").alias("class"))
    }
    cases.frame("df-column-when-without-otherwise") { t in t.people.select("id", when(col("age") < 30, 1).alias("x")) }
    cases.frame("df-column-bits") { t in
      t.people.select(
        "id", col("id").bitwiseAND(3).alias("a"), col("id").bitwiseOR(8).alias("o"), col("id").bitwiseXOR(5).alias("x"))
    }
    cases.frame("df-column-substr") { t in t.people.select(col("name").substr(1, 2).alias("s")) }
    cases.frame("df-column-get-item") { t in
      t.nested.filter(col("id") == 1).select(
        col("numbers").getItem(0).alias("a"), col("scores").getItem("b").alias("b"), col("numbers")[1].alias("c"))
    }
    cases.frame("df-column-get-field") { t in t.nested.select("id", col("person").getField("name").alias("n")) }
    cases.frame("df-column-with-field") { t in
      t.nested.filter(col("id") == 1).select(
        col("person").withField("city", lit("Lyon")).alias("p"), col("person").dropFields("age").alias("q"))
    }
    cases.frame("df-column-names") { t in
      t.people.select(
        col("age") + 1, -col("age"), col("age") > 1, !col("active"), col("name").like("A%"), upper("name"),
        col("age").cast("string"), col("age").isNull()
      ).limit(0)
    }
    cases.frame("df-column-names-of-aggregates") { t in
      t.people.agg(count("*"), sum("age"), avg("age"), max("name"), countDistinct("city"), collect_list("id")).limit(0)
    }
    cases.frame("df-column-division-by-zero") { t in t.people.select(lit(1) / (col("id") - 1)) }
    cases.frame("df-column-overflow") { t in t.extremes.select(col("big") + 1) }
    cases.frame("df-column-wrong-type") { t in t.people.select(col("name") + col("active")) }
  }
}

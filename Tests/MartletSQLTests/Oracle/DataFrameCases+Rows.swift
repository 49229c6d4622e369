import MartletRDD
@testable import MartletSQL

extension DataFrameCases {
  static func rows(_ cases: inout DataFrameCases) {
    cases.frame("df-order-by") { t in t.people.orderBy("id").select("id") }
    cases.frame("df-order-by-two") { t in t.people.select("age", "id").orderBy("age", "id") }
    cases.frame("df-order-by-desc") { t in t.people.select("age", "id").orderBy(col("age").desc(), col("id").asc()) }
    cases.frame("df-order-by-nulls") { t in t.people.select("age", "id").orderBy(col("age").ascNullsLast(), "id") }
    cases.frame("df-order-by-desc-nulls-first") { t in
      t.people.select("age", "id").orderBy(col("age").descNullsFirst(), col("id").desc())
    }
    cases.frame("df-order-by-functions") { t in t.people.select("age", "id").orderBy(desc("age"), asc("id")) }
    cases.frame("df-sort") { t in t.people.sort(col("name")).select("name") }
    cases.frame("df-sort-expression") { t in t.people.sort(length("name"), "name").select("name") }
    cases.frame("df-sort-unknown") { t in t.people.sort("height") }
    cases.frame("df-limit") { t in t.people.orderBy("id").limit(3).select("id") }
    cases.frame("df-limit-zero") { t in t.people.limit(0) }
    cases.frame("df-offset") { t in t.people.orderBy("id").offset(6).select("id") }
    cases.frame("df-offset-limit") { t in t.people.orderBy("id").offset(2).limit(2).select("id") }
    cases.frame("df-limit-then-filter") { t in t.people.orderBy("id").limit(3).filter(col("age") > 30).select("id") }
    cases.frame("df-distinct") { t in t.people.select("city").distinct() }
    cases.frame("df-drop-duplicates") { t in t.sales.select("shop", "product").dropDuplicates() }
    cases.frame("df-drop-duplicates-subset") { t in
      t.sales.dropDuplicates(["shop", "product"]).select("shop", "product")
    }
    cases.value("df-drop-duplicates-subset-count") { t in .integer(Int64(try t.sales.dropDuplicates(["shop"]).count()))
    }
    cases.frame("df-union") { t in t.lefts.union(t.rights) }
    cases.frame("df-union-all") { t in t.lefts.unionAll(t.lefts) }
    cases.frame("df-union-widens") { t in t.people.select("id").union(t.tweets.select("id")) }
    cases.frame("df-union-mismatch") { t in t.lefts.union(t.people) }
    cases.frame("df-union-by-name") { t in t.lefts.select("k", "a").unionByName(t.lefts.select("a", "k")) }
    cases.frame("df-union-by-name-missing") { t in t.lefts.unionByName(t.rights, true) }
    cases.frame("df-union-by-name-refused") { t in t.lefts.unionByName(t.rights) }
    cases.frame("df-intersect") { t in t.lefts.select("k").intersect(t.rights.select("k")) }
    cases.frame("df-intersect-all") { t in t.lefts.select("k").intersectAll(t.rights.select("k")) }
    cases.frame("df-subtract") { t in t.lefts.select("k").except(t.rights.select("k")) }
    cases.frame("df-except-all") { t in t.lefts.select("k").exceptAll(t.rights.select("k").limit(0)) }
    cases.frame("df-take") { t in t.people.orderBy("id").select("id").limit(2) }
    cases.frame("df-repartition") { t in t.people.repartition(3).select("id") }
    cases.frame("df-cache") { t in t.people.filter(col("age") > 30).cache().select("id") }
    cases.frame("df-transform") { t in t.people.transform({ d in d.select("id") }) }
  }

  static func missingValues(_ cases: inout DataFrameCases) {
    cases.frame("df-na-drop") { t in t.people.na.drop().select("id") }
    cases.value("df-na-drop-all") { t in .integer(Int64(try t.extremes.select("tiny", "text").na.drop(.all).count())) }
    cases.frame("df-na-drop-subset") { t in t.people.na.drop(.any, ["city"]).select("id") }
    cases.frame("df-na-drop-threshold") { t in t.people.select("id", "age", "city", "salary").na.drop(3).select("id") }
    cases.frame("df-na-drop-nan") { t in t.extremes.select("id", "real").na.drop() }
    cases.frame("df-na-fill-number") { t in t.people.na.fill(0).select("id", "age", "city", "salary") }
    cases.frame("df-na-fill-text") { t in t.people.na.fill("none").select("id", "age", "city") }
    cases.frame("df-na-fill-boolean") { t in t.people.na.fill(false).select("id", "active") }
    cases.frame("df-na-fill-subset") { t in t.people.na.fill(0, ["age"]).select("id", "age", "manager") }
    cases.frame("df-na-fill-dictionary") { t in t.people.na.fill(["age": 0, "city": "?"]).select("id", "age", "city") }
    cases.frame("df-na-fill-nan") { t in t.extremes.na.fill(1.5).select("id", "real", "single") }
    cases.frame("df-na-replace") { t in t.people.na.replace("age", [28: 29]).select("id", "age") }
    cases.frame("df-na-replace-dictionary") { t in
      t.people.na.replace("city", ["London": "Paris", "": "none"]).select("id", "city")
    }
    cases.frame("df-fillna") { t in t.people.na.fill(1, ["manager"]).select("id", "manager") }
  }

  static func statistics(_ cases: inout DataFrameCases) {
    cases.frame("df-describe") { t in t.people.select("age", "name").describe() }
    cases.frame("df-describe-columns") { t in t.sales.describe("price", "shop") }
    cases.frame("df-describe-all") { t in t.people.describe() }
    cases.frame("df-summary") { t in t.sales.select("quantity", "price").summary() }
    cases.frame("df-summary-chosen") { t in
      t.people.select("age").summary("count", "min", "50%", "max", "count_distinct")
    }
    cases.value("df-corr") { t in .number(try t.sales.na.drop().stat.corr("quantity", "price")) }
    cases.value("df-cov") { t in .number(try t.sales.na.drop().stat.cov("quantity", "price")) }
    cases.value("df-approx-quantile") { t in
      .list(try t.people.na.drop().stat.approxQuantile("age", [0.0, 0.5, 1.0], 0.0).map(Cell.number))
    }
    cases.frame("df-crosstab") { t in t.sales.stat.crosstab("shop", "product") }
  }
}

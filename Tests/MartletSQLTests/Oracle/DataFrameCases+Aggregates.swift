import MartletRDD
@testable import MartletSQL

extension DataFrameCases {
  static func aggregates(_ cases: inout DataFrameCases) {
    cases.value("df-count") { t in .integer(Int64(try t.people.count())) }
    cases.value("df-count-filtered") { t in .integer(Int64(try t.people.filter(col("age") > 30).count())) }
    cases.value("df-is-empty") { t in .boolean(try t.people.filter(col("id") > 100).isEmpty()) }
    cases.frame("df-agg") { t in
      t.people.agg(
        count("*").alias("n"), sum("age").alias("s"), avg("age").alias("a"), min("age").alias("l"),
        max("age").alias("m"))
    }
    cases.frame("df-agg-by-dictionary") { t in t.people.agg(["age": "max"]) }
    cases.frame("df-agg-of-nothing") { t in
      t.people.filter(col("id") > 100).agg(count("*").alias("n"), sum("age").alias("s"))
    }
    cases.frame("df-group-count") { t in t.people.groupBy("city").count() }
    cases.frame("df-group-sum") { t in t.sales.groupBy("shop").sum("quantity") }
    cases.frame("df-group-sum-all-numbers") { t in t.sales.drop("day").groupBy("shop").sum() }
    cases.frame("df-group-avg-min-max") { t in t.sales.groupBy("shop").agg(avg("price"), min("price"), max("price")) }
    cases.frame("df-group-avg") { t in t.sales.groupBy("product").avg("price", "quantity") }
    cases.frame("df-group-max") { t in t.sales.groupBy("product").max("quantity") }
    cases.frame("df-group-min") { t in t.sales.groupBy("product").min("price") }
    cases.frame("df-group-mean") { t in t.sales.groupBy("product").mean("quantity") }
    cases.frame("df-group-two-keys") { t in t.sales.groupBy("shop", "product").agg(sum("quantity").alias("q")) }
    cases.frame("df-group-expression") { t in t.people.groupBy((col("age") > 30).alias("old")).count() }
    cases.frame("df-group-nothing") { t in t.people.groupBy().count() }
    cases.frame("df-group-several-aggregates") { t in
      t.sales.groupBy("shop").agg(
        count("*").alias("n"), countDistinct("product").alias("d"), sum(col("quantity") * col("price")).alias("r"),
        max_by("product", "quantity").alias("best"))
    }
    cases.frame("df-group-collect") { t in
      t.sales.groupBy("shop").agg(
        sort_array(collect_list("product")).alias("l"), sort_array(collect_set("product")).alias("s"))
    }
    cases.frame("df-group-statistics") { t in
      t.sales.groupBy("shop").agg(
        stddev("price").alias("s"), variance("price").alias("v"), median("price").alias("m"),
        percentile_approx("quantity", 0.5).alias("p"))
    }
    cases.frame("df-group-having") { t in t.people.groupBy("city").count().filter(col("count") > 1) }
    cases.frame("df-group-ordered") { t in
      t.sales.groupBy("shop").agg(sum("quantity").alias("q")).orderBy(col("q").desc())
    }
    cases.frame("df-group-filtered-count") { t in
      t.sales.groupBy("shop").agg(
        count_if(col("product") == "tea").alias("teas"), sum(when(col("product") == "tea", col("quantity"))).alias("q"))
    }
    cases.frame("df-group-unknown") { t in t.people.groupBy("height").count() }
    cases.frame("df-group-sum-of-text") { t in t.people.groupBy("active").sum("name") }
    cases.frame("df-rollup") { t in t.sales.rollup("shop", "product").agg(sum("quantity").alias("q")) }
    cases.frame("df-rollup-count") { t in t.sales.rollup("shop").count() }
    cases.frame("df-cube") { t in t.sales.cube("shop", "product").count() }
    cases.frame("df-cube-grouping") { t in
      t.sales.cube("shop", "product").agg(
        grouping("shop").alias("g"), grouping_id().alias("i"), sum("quantity").alias("q"))
    }
    cases.frame("df-pivot") { t in t.sales.groupBy("shop").pivot("product").sum("quantity") }
    cases.frame("df-pivot-values") { t in t.sales.groupBy("shop").pivot("product", ["tea", "coffee"]).sum("quantity") }
    cases.frame("df-pivot-two-aggregates") { t in
      t.sales.groupBy("shop").pivot("product", ["tea", "cocoa"]).agg(
        sum("quantity").alias("q"), count("quantity").alias("n"))
    }
    cases.frame("df-pivot-count") { t in t.sales.groupBy("product").pivot("shop").count() }
    cases.frame("df-unpivot") { t in t.people.unpivot(["id"], ["age", "manager"], "field", "value") }
    cases.frame("df-unpivot-all") { t in t.people.select("id", "age", "manager").unpivot(["id"], "field", "value") }
    cases.frame("df-melt") { t in t.people.melt(["id"], ["age"], "field", "value") }
  }

  static func joins(_ cases: inout DataFrameCases) {
    cases.frame("df-join-name") { t in t.lefts.join(t.rights, "k") }
    cases.frame("df-join-names-left") { t in t.lefts.join(t.rights, ["k"], "left") }
    cases.frame("df-join-name-right") { t in t.lefts.join(t.rights, "k", "right") }
    cases.frame("df-join-name-full") { t in t.lefts.join(t.rights, "k", "full") }
    cases.frame("df-join-name-outer") { t in t.lefts.join(t.rights, "k", "outer") }
    cases.frame("df-join-name-semi") { t in t.lefts.join(t.rights, "k", "left_semi") }
    cases.frame("df-join-name-anti") { t in t.lefts.join(t.rights, "k", "left_anti") }
    cases.frame("df-join-condition") { t in t.lefts.join(t.rights, t.lefts["k"] == t.rights["k"]) }
    cases.frame("df-join-condition-left") { t in
      t.lefts.join(t.rights, t.lefts["k"] == t.rights["k"], "left").select("a", "b")
    }
    cases.frame("df-join-condition-null-safe") { t in
      t.lefts.join(t.rights, t.lefts["k"].eqNullSafe(t.rights["k"]), "inner").select("a", "b")
    }
    cases.frame("df-join-condition-two") { t in
      t.lefts.join(t.rights, (t.lefts["k"] == t.rights["k"]) && (t.rights["b"] != "r1"), "left").select("a", "b")
    }
    cases.frame("df-join-condition-range") { t in t.lefts.join(t.rights, t.lefts["k"] < t.rights["k"]).select("a", "b")
    }
    cases.frame("df-join-condition-semi") { t in t.lefts.join(t.rights, t.lefts["k"] == t.rights["k"], "semi") }
    cases.frame("df-join-cross") { t in t.lefts.crossJoin(t.rights).select("a", "b") }
    cases.value("df-join-without-condition") { t in .integer(Int64(try t.shops.join(t.rights).count())) }
    cases.frame("df-join-aliases") { t in
      t.people.alias("e").join(t.people.alias("m"), col("e.manager") == col("m.id"), "left").select(
        col("e.name").alias("employee"), col("m.name").alias("manager"))
    }
    cases.frame("df-join-three") { t in
      t.sensors.join(t.vendors, "pump").join(t.maintenance, "pump").filter(col("psi") < 5).select(
        "pump", "psi", "vendor", "technician")
    }
    cases.frame("df-join-different-names") { t in
      t.events.join(t.people, t.events["amount"] == t.people["id"], "left").select("user", "amount", "name")
    }
    cases.frame("df-join-unknown-name") { t in t.lefts.join(t.rights, "kk") }
    cases.frame("df-join-unknown-kind") { t in t.lefts.join(t.rights, "k", "sideways") }
    cases.frame("df-join-ambiguous") { t in t.lefts.join(t.rights, t.lefts["k"] == t.rights["k"]).select("k") }
    cases.frame("df-join-broadcast") { t in t.sales.join(broadcast(t.shops), "shop").select("id", "city") }
    cases.frame("df-join-grouped") { t in
      t.sales.join(t.shops, "shop", "left").groupBy("city").agg(sum("quantity").alias("q"))
    }
  }
}

"""DataFrame cases: expressions over the tables of datasets.json, in PySpark's API.

A case is one expression. It sees the tables under their names, the functions of pyspark.sql.functions, `spark`, `sql`
(spark.sql), `Window`, and nothing else. `swift` derives the same expression in Swift's syntax, for the test that runs it in
Martlet.
"""

import re

from pyspark.sql import Window, functions


class Case:
    def __init__(self, python, ordered, swift):
        self.python = python
        self.ordered = ordered
        self.swift = swift

    def run(self, spark, tables):
        names = {name: getattr(functions, name) for name in dir(functions) if not name.startswith("_")}
        return eval(self.python, names | tables | {"spark": spark, "sql": spark.sql, "Window": Window})


CASES = {}


def case(name, python, ordered=False, swift=None):
    """Adds a case; `swift` replaces the derived expression where the languages differ by more than spelling."""
    assert name not in CASES, name
    CASES[name] = Case(python, ordered, swift or in_swift(python))


def in_swift(python):
    """Respells a Python expression in Swift."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', python)
    for index in range(0, len(parts), 2):
        text = parts[index]
        text = re.sub(r"\blambda (\w+(?:, \w+)*): ", r"{ \1 in ", text)
        text = re.sub(r"\bTrue\b", "true", text)
        text = re.sub(r"\bFalse\b", "false", text)
        text = re.sub(r"\bNone\b", "nil", text)
        text = re.sub(r" & ", " && ", text)
        text = re.sub(r" \| ", " || ", text)
        text = re.sub(r"~", "!", text)
        text = re.sub(r"\b(\w+)=(?!=)", r"\1: ", text)
        parts[index] = text
    swift = "".join(parts)
    return close_closures(swift)


def close_closures(swift):
    """Adds the brace that ends a closure: a Python lambda ends with the argument that it is."""
    result, depths, depth, quoted, index = [], [], 0, False, 0
    while index < len(swift):
        character = swift[index]
        if character == '"' and swift[index - 1] != "\\":
            quoted = not quoted
        if not quoted:
            if match := re.match(r"\{ [\w, ]+ in ", swift[index:]):
                depths.append(depth)
                result.append(match[0])
                index += len(match[0])
                continue
            if character in "([":
                depth += 1
            if character in ")]" or character == ",":
                while depths and depth == depths[-1]:
                    depths.pop()
                    result.append(" }")
            if character in ")]":
                depth -= 1
        result.append(character)
        index += 1
    return "".join(result)


# Projection

case("df-select-names", 'people.select("name", "age")')
case("df-select-all", 'people.select("*")')
case("df-select-columns", 'people.select(col("name"), col("age") + 1)')
case("df-select-alias", 'people.select((col("age") * 2).alias("doubled"), upper(col("name")).alias("loud"))')
case("df-select-literal", 'people.select("id", lit(1).alias("one"), lit("x").alias("x"), lit(None).alias("nothing"))')
case("df-select-star-and-more", 'people.select("*", (col("age") / 2).alias("half"))')
case("df-select-struct-field", 'nested.select("id", "person.name", col("person.age").alias("years"))')
case("df-select-struct-star", 'nested.select("person.*")')
case("df-select-backticks", 'people.select(col("name").alias("full name")).select("`full name`")')
case("df-select-unknown", 'people.select("nmae")')
case("df-select-case", 'people.select("NAME")')
case("df-select-nothing-from-empty", 'people.filter(col("id") > 100).select("id")')
case("df-select-expr", 'people.selectExpr("id", "age + 1 AS next", "upper(name) AS loud")')
case("df-select-expr-aggregate", 'people.selectExpr("count(*) AS n", "max(age) AS oldest")')
case("df-select-expr-function", 'people.select(expr("age * 10").alias("x"))')
case("df-with-column-new", 'people.withColumn("next", col("age") + 1)')
case("df-with-column-replaced", 'people.withColumn("age", col("age") * 10).select("id", "age")')
case("df-with-column-replaced-ignores-case", 'people.withColumn("AGE", lit(1))')
case("df-with-columns-two", 'people.select("id", "age").withColumn("a", col("age") + 1).withColumn("b", col("a") * 2)')
case("df-with-column-unknown", 'people.withColumn("x", col("height") + 1)')
case("df-with-column-renamed", 'people.withColumnRenamed("name", "called")')
case("df-with-column-renamed-unknown", 'people.withColumnRenamed("nothing", "called")')
case("df-drop", 'people.drop("salary", "joined")')
case("df-drop-unknown", 'people.drop("nothing")')
case("df-drop-column", 'lefts.join(rights, lefts["k"] == rights["k"]).drop(rights["k"])')
case("df-to-df", 'lefts.toDF("key", "value")')
case("df-to-df-wrong-count", 'lefts.toDF("key")')
case("df-alias", 'people.alias("p").select("p.name", col("p.id"))')
case("df-columns", 'people.columns')
case("df-dtypes", 'extremes.dtypes', swift="extremes.dtypes")
case("df-col-regex", 'people.select(people.colRegex("`(age|city)`"))')
case("df-explode", 'nested.select("id", explode("numbers").alias("n"))')
case("df-explode-outer", 'nested.select("id", explode_outer(col("numbers")).alias("n"))')
case("df-explode-map", 'nested.select("id", explode("scores"))')
case("df-posexplode", 'nested.select("id", posexplode("tags"))')
case("df-inline", 'nested.select("id", inline("visits"))')

# Conditions

case("df-filter-column", 'people.filter(col("age") > 30)')
case("df-filter-text", 'people.filter("age > 30 AND city = \'London\'")')
case("df-where", 'people.where(col("city") == "London").select("name")')
case("df-filter-and-or-not", 'people.filter(((col("age") > 30) | (col("city") == "London")) & ~col("active"))')
case("df-filter-twice", 'people.filter(col("age") > 20).filter(col("age") < 40).select("id")')
case("df-filter-is-null", 'people.filter(col("city").isNull())')
case("df-filter-is-not-null", 'people.filter(col("age").isNotNull()).select("id", "age")')
case("df-filter-in", 'people.filter(col("city").isin("London", "Lyon")).select("id")')
case("df-filter-not-in", 'people.filter(~col("city").isin("London", "Lyon")).select("id")')
case("df-filter-between", 'people.filter(col("age").between(28, 36)).select("id")')
case("df-filter-like", 'people.filter(col("name").like("%i%")).select("name")')
case("df-filter-ilike", 'people.filter(col("city").ilike("lo%")).select("city")')
case("df-filter-rlike", 'people.filter(col("name").rlike("^[A-C]")).select("name")')
case("df-filter-starts-ends-contains", 'people.filter(col("name").startswith("A") | col("name").endswith("d") | col("name").contains("oe")).select("name")')
case("df-filter-null-safe", 'people.filter(col("city").eqNullSafe(None)).select("id")')
case("df-filter-not-boolean", 'people.filter(col("age"))')
case("df-filter-unknown", 'people.filter(col("height") > 1)')
case("df-filter-after-select", 'people.select("name").filter(col("age") > 30)')
case("df-filter-nan", 'extremes.filter(isnan("real")).select("id")')
case("df-filter-date", 'people.filter(col("joined") >= lit("2020-01-01")).select("id")')
case("df-filter-not-equal", 'people.filter(col("city") != "London").select("id")')

# Columns

case("df-column-arithmetic", 'people.select("id", (col("age") + 1).alias("a"), (col("age") - 1).alias("b"), (col("age") * 2).alias("c"), (col("age") / 2).alias("d"), (col("age") % 7).alias("e"), (-col("age")).alias("f"))')
case("df-column-reversed-arithmetic", 'people.select("id", (1 + col("age")).alias("a"), (100 - col("age")).alias("b"), (2 * col("age")).alias("c"), (100 / col("age")).alias("d"))')
case("df-column-comparisons", 'people.select("id", (col("age") == 28).alias("a"), (col("age") != 28).alias("b"), (col("age") < 30).alias("c"), (col("age") <= 28).alias("d"), (col("age") >= 36).alias("e"))')
case("df-column-comparison-of-columns", 'people.select("id", (col("age") > col("manager") * 10).alias("a"))')
case("df-column-cast", 'people.select(col("age").cast("string").alias("s"), col("age").cast("double").alias("d"), col("salary").cast("int").alias("i"))')
case("df-column-cast-malformed", 'people.select(col("name").cast("int"))')
case("df-column-try-cast", 'extremes.select("id", col("text").try_cast("int").alias("i"))')
case("df-column-astype", 'people.select(col("age").astype("bigint").alias("l"))')
case("df-column-when", 'people.select("id", when(col("age") < 30, "young").when(col("age") < 40, "middle").otherwise("old").alias("class"))')
case("df-column-when-without-otherwise", 'people.select("id", when(col("age") < 30, 1).alias("x"))')
case("df-column-bits", 'people.select("id", col("id").bitwiseAND(3).alias("a"), col("id").bitwiseOR(8).alias("o"), col("id").bitwiseXOR(5).alias("x"))')
case("df-column-substr", 'people.select(col("name").substr(1, 2).alias("s"))')
case("df-column-get-item", 'nested.filter(col("id") == 1).select(col("numbers").getItem(0).alias("a"), col("scores").getItem("b").alias("b"), col("numbers")[1].alias("c"))')
case("df-column-get-field", 'nested.select("id", col("person").getField("name").alias("n"))')
case("df-column-with-field", 'nested.filter(col("id") == 1).select(col("person").withField("city", lit("Lyon")).alias("p"), col("person").dropFields("age").alias("q"))')
case("df-column-names", 'people.select(col("age") + 1, -col("age"), col("age") > 1, ~col("active"), col("name").like("A%"), upper("name"), col("age").cast("string"), col("age").isNull()).limit(0)')
case("df-column-names-of-aggregates", 'people.agg(count("*"), sum("age"), avg("age"), max("name"), countDistinct("city"), collect_list("id")).limit(0)')
case("df-column-division-by-zero", 'people.select(lit(1) / (col("id") - 1))')
case("df-column-overflow", 'extremes.select(col("big") + 1)')
case("df-column-wrong-type", 'people.select(col("name") + col("active"))')

# Functions

case("df-functions-strings", 'people.select(concat_ws("-", "name", "city").alias("a"), length("name").alias("b"), lpad("name", 7, "*").alias("c"), initcap("name").alias("d"), reverse("name").alias("e"), trim(col("name")).alias("f"))')
case("df-functions-split-join", 'tweets.select("id", array_join(split("text", " "), "|").alias("t"), size(split("text", " ")).alias("n"))')
case("df-functions-regexp", 'tweets.select("id", regexp_extract("text", "#(\\\\w+)", 1).alias("a"), regexp_replace("text", "[aeiou]", "").alias("b"))')
case("df-functions-substring", 'people.select(substring("name", 2, 3).alias("a"), substring_index("name", "a", 1).alias("b"), instr("name", "i").alias("c"), locate("a", "name").alias("d"))')
case("df-functions-format", 'people.select(format_string("%s:%d", "name", "id").alias("a"), format_number("salary", 1).alias("b"))')
case("df-functions-math", 'sales.select("id", round("price", 1).alias("a"), floor("price").alias("b"), ceil("price").alias("c"), sqrt("price").alias("d"), pow("price", 2).alias("e"), abs(col("price") - 4).alias("f"))')
case("df-functions-dates", 'people.select("id", year("joined").alias("y"), month("joined").alias("m"), dayofmonth("joined").alias("d"), date_add("joined", 10).alias("a"), date_format("joined", "dd.MM.yyyy").alias("f"), last_day("joined").alias("l"))')
case("df-functions-date-difference", 'people.select("id", datediff(lit("2024-01-01"), "joined").alias("d"), months_between(lit("2024-01-01").cast("date"), col("joined")).alias("m"), add_months("joined", 1).alias("a"))')
case("df-functions-timestamps", 'sensors.select("pump", hour("time").alias("h"), minute("time").alias("m"), second("time").alias("s"), date_trunc("minute", "time").alias("t"), unix_timestamp("time").alias("u"), to_date("time").alias("d"))')
case("df-functions-to-date", 'people.filter(col("id") == 1).select(to_date(lit("29.02.2024"), "dd.MM.yyyy").alias("d"), to_timestamp(lit("2024-02-29 10:11:12")).alias("t"))')
case("df-functions-nulls", 'people.select("id", coalesce("city", "name").alias("a"), isnull("age").alias("b"), nvl("age", lit(0)).alias("c"), nullif(col("age"), lit(28)).alias("d"), nanvl(lit(1.0), lit(2.0)).alias("e"))')
case("df-functions-greatest", 'people.select("id", greatest("age", "manager").alias("g"), least("age", "manager").alias("l"))')
case("df-functions-arrays", 'nested.select("id", array_contains("numbers", 5).alias("a"), sort_array("numbers").alias("b"), array_distinct("tags").alias("c"), size("numbers").alias("d"), array_max("numbers").alias("e"))')
case("df-functions-array-of-columns", 'people.select(array("id", "age").alias("a"), struct("id", "name").alias("s"), create_map("name", "age").alias("m"))')
case("df-functions-transform", 'nested.select("id", transform("numbers", lambda x: x * 2).alias("t"))')
case("df-functions-transform-index", 'nested.select("id", transform("numbers", lambda x, i: x + i).alias("t"))')
case("df-functions-filter-exists", 'nested.select("id", filter("numbers", lambda x: x > 1).alias("f"), exists("numbers", lambda x: x > 4).alias("e"), forall("numbers", lambda x: x > 0).alias("a"))')
case("df-functions-aggregate", 'nested.select("id", aggregate("numbers", lit(0), lambda a, x: a + coalesce(x, lit(0))).alias("s"))')
case("df-functions-maps", 'nested.select("id", map_keys("scores").alias("k"), map_values("scores").alias("v"), element_at("scores", "a").alias("a"), map_filter("scores", lambda k, v: v > 1).alias("f"))')
case("df-functions-json", 'documents.select("id", get_json_object("json", "$.user").alias("u"), from_json("json", "user STRING, age INT").alias("j"))')
case("df-functions-to-json", 'people.select(to_json(struct("id", "name", "age")).alias("j"))')
case("df-functions-hashes", 'people.select("id", md5("name").alias("a"), sha2("name", 256).alias("b"), crc32("name").alias("c"), hash("id", "name").alias("d"), xxhash64("id").alias("e"))')
case("df-functions-base64-hex", 'people.select(base64(col("name").cast("binary")).alias("a"), hex("name").alias("b"), bin("id").alias("c"))')
case("df-functions-typeof", 'people.limit(1).select(typeof("id").alias("a"), typeof("salary").alias("b"), typeof(lit(1.5)).alias("c"), typeof(lit(True)).alias("d"))')
case("df-functions-literals", 'people.limit(1).select(lit(1).alias("i"), lit(1.5).alias("d"), lit("s").alias("s"), lit(True).alias("b"), lit(None).alias("n"), array(lit(1), lit(2)).alias("a"))')
case("df-functions-expr", 'people.select(expr("CASE WHEN age > 30 THEN 1 ELSE 0 END").alias("x"))')
case("df-functions-call-function", 'people.select(call_function("upper", col("name")).alias("u"))')
case("df-functions-try", 'people.select("id", try_divide(col("age"), col("id") - 1).alias("d"), try_add(col("age"), lit(2147483647)).alias("a"))')

# Aggregates

case("df-count", 'people.count()')
case("df-count-filtered", 'people.filter(col("age") > 30).count()')
case("df-is-empty", 'people.filter(col("id") > 100).isEmpty()')
case("df-agg", 'people.agg(count("*").alias("n"), sum("age").alias("s"), avg("age").alias("a"), min("age").alias("l"), max("age").alias("m"))')
case("df-agg-by-dictionary", 'people.agg({"age": "max"})', swift='people.agg(["age": "max"])')
case("df-agg-of-nothing", 'people.filter(col("id") > 100).agg(count("*").alias("n"), sum("age").alias("s"))')
case("df-group-count", 'people.groupBy("city").count()')
case("df-group-sum", 'sales.groupBy("shop").sum("quantity")')
case("df-group-sum-all-numbers", 'sales.drop("day").groupBy("shop").sum()')
case("df-group-avg-min-max", 'sales.groupBy("shop").agg(avg("price"), min("price"), max("price"))')
case("df-group-avg", 'sales.groupBy("product").avg("price", "quantity")')
case("df-group-max", 'sales.groupBy("product").max("quantity")')
case("df-group-min", 'sales.groupBy("product").min("price")')
case("df-group-mean", 'sales.groupBy("product").mean("quantity")')
case("df-group-two-keys", 'sales.groupBy("shop", "product").agg(sum("quantity").alias("q"))')
case("df-group-expression", 'people.groupBy((col("age") > 30).alias("old")).count()')
case("df-group-nothing", 'people.groupBy().count()')
case("df-group-several-aggregates", 'sales.groupBy("shop").agg(count("*").alias("n"), countDistinct("product").alias("d"), sum(col("quantity") * col("price")).alias("r"), max_by("product", "quantity").alias("best"))')
case("df-group-collect", 'sales.groupBy("shop").agg(sort_array(collect_list("product")).alias("l"), sort_array(collect_set("product")).alias("s"))')
case("df-group-statistics", 'sales.groupBy("shop").agg(stddev("price").alias("s"), variance("price").alias("v"), median("price").alias("m"), percentile_approx("quantity", 0.5).alias("p"))')
case("df-group-having", 'people.groupBy("city").count().filter(col("count") > 1)')
case("df-group-ordered", 'sales.groupBy("shop").agg(sum("quantity").alias("q")).orderBy(col("q").desc())', ordered=True)
case("df-group-filtered-count", 'sales.groupBy("shop").agg(count_if(col("product") == "tea").alias("teas"), sum(when(col("product") == "tea", col("quantity"))).alias("q"))')
case("df-group-unknown", 'people.groupBy("height").count()')
case("df-group-sum-of-text", 'people.groupBy("active").sum("name")')
case("df-rollup", 'sales.rollup("shop", "product").agg(sum("quantity").alias("q"))')
case("df-rollup-count", 'sales.rollup("shop").count()')
case("df-cube", 'sales.cube("shop", "product").count()')
case("df-cube-grouping", 'sales.cube("shop", "product").agg(grouping("shop").alias("g"), grouping_id().alias("i"), sum("quantity").alias("q"))')
case("df-pivot", 'sales.groupBy("shop").pivot("product").sum("quantity")')
case("df-pivot-values", 'sales.groupBy("shop").pivot("product", ["tea", "coffee"]).sum("quantity")')
case("df-pivot-two-aggregates", 'sales.groupBy("shop").pivot("product", ["tea", "cocoa"]).agg(sum("quantity").alias("q"), count("quantity").alias("n"))')
case("df-pivot-count", 'sales.groupBy("product").pivot("shop").count()')
case("df-unpivot", 'people.unpivot(["id"], ["age", "manager"], "field", "value")')
case("df-unpivot-all", 'people.select("id", "age", "manager").unpivot("id", None, "field", "value")', swift='people.select("id", "age", "manager").unpivot(["id"], "field", "value")')
case("df-melt", 'people.melt(["id"], ["age"], "field", "value")')

# Joins

case("df-join-name", 'lefts.join(rights, "k")')
case("df-join-names-left", 'lefts.join(rights, ["k"], "left")')
case("df-join-name-right", 'lefts.join(rights, "k", "right")')
case("df-join-name-full", 'lefts.join(rights, "k", "full")')
case("df-join-name-outer", 'lefts.join(rights, "k", "outer")')
case("df-join-name-semi", 'lefts.join(rights, "k", "left_semi")')
case("df-join-name-anti", 'lefts.join(rights, "k", "left_anti")')
case("df-join-condition", 'lefts.join(rights, lefts["k"] == rights["k"])')
case("df-join-condition-left", 'lefts.join(rights, lefts["k"] == rights["k"], "left").select("a", "b")')
case("df-join-condition-null-safe", 'lefts.join(rights, lefts["k"].eqNullSafe(rights["k"]), "inner").select("a", "b")')
case("df-join-condition-two", 'lefts.join(rights, (lefts["k"] == rights["k"]) & (rights["b"] != "r1"), "left").select("a", "b")')
case("df-join-condition-range", 'lefts.join(rights, lefts["k"] < rights["k"]).select("a", "b")')
case("df-join-condition-semi", 'lefts.join(rights, lefts["k"] == rights["k"], "semi")')
case("df-join-cross", 'lefts.crossJoin(rights).select("a", "b")')
case("df-join-without-condition", 'shops.join(rights).count()')
case("df-join-aliases", 'people.alias("e").join(people.alias("m"), col("e.manager") == col("m.id"), "left").select(col("e.name").alias("employee"), col("m.name").alias("manager"))')
case("df-join-three", 'sensors.join(vendors, "pump").join(maintenance, "pump").filter(col("psi") < 5).select("pump", "psi", "vendor", "technician")')
case("df-join-different-names", 'events.join(people, events["amount"] == people["id"], "left").select("user", "amount", "name")')
case("df-join-unknown-name", 'lefts.join(rights, "kk")')
case("df-join-unknown-kind", 'lefts.join(rights, "k", "sideways")')
case("df-join-ambiguous", 'lefts.join(rights, lefts["k"] == rights["k"]).select("k")')
case("df-join-broadcast", 'sales.join(broadcast(shops), "shop").select("id", "city")')
case("df-join-grouped", 'sales.join(shops, "shop", "left").groupBy("city").agg(sum("quantity").alias("q"))')

# Order, limits, sets

case("df-order-by", 'people.orderBy("id").select("id")', ordered=True)
case("df-order-by-two", 'people.select("age", "id").orderBy("age", "id")', ordered=True)
case("df-order-by-desc", 'people.select("age", "id").orderBy(col("age").desc(), col("id").asc())', ordered=True)
case("df-order-by-nulls", 'people.select("age", "id").orderBy(col("age").asc_nulls_last(), "id")', ordered=True)
case("df-order-by-desc-nulls-first", 'people.select("age", "id").orderBy(col("age").desc_nulls_first(), col("id").desc())', ordered=True)
case("df-order-by-functions", 'people.select("age", "id").orderBy(desc("age"), asc("id"))', ordered=True)
case("df-sort", 'people.sort(col("name")).select("name")', ordered=True)
case("df-sort-expression", 'people.sort(length("name"), "name").select("name")', ordered=True)
case("df-sort-unknown", 'people.sort("height")')
case("df-limit", 'people.orderBy("id").limit(3).select("id")', ordered=True)
case("df-limit-zero", 'people.limit(0)')
case("df-offset", 'people.orderBy("id").offset(6).select("id")', ordered=True)
case("df-offset-limit", 'people.orderBy("id").offset(2).limit(2).select("id")', ordered=True)
case("df-limit-then-filter", 'people.orderBy("id").limit(3).filter(col("age") > 30).select("id")')
case("df-distinct", 'people.select("city").distinct()')
case("df-drop-duplicates", 'sales.select("shop", "product").dropDuplicates()')
case("df-drop-duplicates-subset", 'sales.dropDuplicates(["shop", "product"]).select("shop", "product")')
case("df-drop-duplicates-subset-count", 'sales.dropDuplicates(["shop"]).count()')
case("df-union", 'lefts.union(rights)')
case("df-union-all", 'lefts.unionAll(lefts)')
case("df-union-widens", 'people.select("id").union(tweets.select("id"))')
case("df-union-mismatch", 'lefts.union(people)')
case("df-union-by-name", 'lefts.select("k", "a").unionByName(lefts.select("a", "k"))')
case("df-union-by-name-missing", 'lefts.unionByName(rights, allowMissingColumns=True)')
case("df-union-by-name-refused", 'lefts.unionByName(rights)')
case("df-intersect", 'lefts.select("k").intersect(rights.select("k"))')
case("df-intersect-all", 'lefts.select("k").intersectAll(rights.select("k"))')
case("df-subtract", 'lefts.select("k").subtract(rights.select("k"))', swift='lefts.select("k").except(rights.select("k"))')
case("df-except-all", 'lefts.select("k").exceptAll(rights.select("k").limit(0))')
case("df-take", 'people.orderBy("id").select("id").limit(2)', ordered=True)
case("df-repartition", 'people.repartition(3).select("id")')
case("df-cache", 'people.filter(col("age") > 30).cache().select("id")')
case("df-transform", 'people.transform(lambda d: d.select("id"))')

# Missing values

case("df-na-drop", 'people.na.drop().select("id")')
case("df-na-drop-all", 'extremes.select("tiny", "text").na.drop("all").count()')
case("df-na-drop-subset", 'people.na.drop(subset=["city"]).select("id")')
case("df-na-drop-threshold", 'people.select("id", "age", "city", "salary").na.drop(thresh=3).select("id")')
case("df-na-drop-nan", 'extremes.select("id", "real").na.drop()')
case("df-na-fill-number", 'people.na.fill(0).select("id", "age", "city", "salary")')
case("df-na-fill-text", 'people.na.fill("none").select("id", "age", "city")')
case("df-na-fill-boolean", 'people.na.fill(False).select("id", "active")')
case("df-na-fill-subset", 'people.na.fill(0, subset=["age"]).select("id", "age", "manager")')
case("df-na-fill-dictionary", 'people.na.fill({"age": 0, "city": "?"}).select("id", "age", "city")', swift='people.na.fill(["age": 0, "city": "?"]).select("id", "age", "city")')
case("df-na-fill-nan", 'extremes.na.fill(1.5).select("id", "real", "single")')
case("df-na-replace", 'people.na.replace(28, 29, "age").select("id", "age")', swift='people.na.replace("age", [28: 29]).select("id", "age")')
case("df-na-replace-dictionary", 'people.na.replace({"London": "Paris", "": "none"}, subset=["city"]).select("id", "city")', swift='people.na.replace("city", ["London": "Paris", "": "none"]).select("id", "city")')
case("df-fillna", 'people.fillna(1, ["manager"]).select("id", "manager")', swift='people.na.fill(1, subset: ["manager"]).select("id", "manager")')

# Statistics

case("df-describe", 'people.select("age", "name").describe()', ordered=True)
case("df-describe-columns", 'sales.describe("price", "shop")', ordered=True)
case("df-describe-all", 'people.describe()', ordered=True)
case("df-summary", 'sales.select("quantity", "price").summary()', ordered=True)
case("df-summary-chosen", 'people.select("age").summary("count", "min", "50%", "max", "count_distinct")', ordered=True)
case("df-corr", 'sales.na.drop().stat.corr("quantity", "price")')
case("df-cov", 'sales.na.drop().stat.cov("quantity", "price")')
case("df-approx-quantile", 'people.na.drop().approxQuantile("age", [0.0, 0.5, 1.0], 0.0)')
case("df-crosstab", 'sales.stat.crosstab("shop", "product")')

# Windows

case("df-window-row-number", 'sales.select("id", row_number().over(Window.partitionBy("shop").orderBy("id")).alias("n"))')
case("df-window-ranks", 'people.select("id", rank().over(Window.orderBy("age")).alias("r"), dense_rank().over(Window.orderBy("age")).alias("d"), percent_rank().over(Window.orderBy("age")).alias("p"), cume_dist().over(Window.orderBy("age")).alias("c"))')
case("df-window-ntile", 'people.select("id", ntile(3).over(Window.orderBy("id")).alias("n"))')
case("df-window-lag-lead", 'sales.select("id", lag("quantity").over(Window.partitionBy("shop").orderBy("id")).alias("a"), lead("quantity", 1, 0).over(Window.partitionBy("shop").orderBy("id")).alias("b"))')
case("df-window-sum", 'sales.select("id", sum("quantity").over(Window.partitionBy("shop")).alias("s"))')
case("df-window-running", 'sales.select("id", sum("quantity").over(Window.orderBy("id").rowsBetween(Window.unboundedPreceding, Window.currentRow)).alias("s"))')
case("df-window-rows", 'people.select("id", avg("id").over(Window.orderBy("id").rowsBetween(-1, 1)).alias("a"))')
case("df-window-range", 'people.select("id", count("*").over(Window.orderBy("age").rangeBetween(-5, 5)).alias("n"))')
case("df-window-descending", 'people.select("id", row_number().over(Window.orderBy(col("age").desc(), col("id"))).alias("n"))')
case("df-window-first-last", 'sales.select("id", first("product").over(Window.partitionBy("shop").orderBy("id")).alias("f"), last("product").over(Window.partitionBy("shop").orderBy("id").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)).alias("l"))')
case("df-window-with-column", 'sales.withColumn("n", row_number().over(Window.partitionBy("shop").orderBy(col("quantity").desc(), col("id")))).filter(col("n") == 1).drop("n")')
case("df-window-rank-without-order", 'people.select(rank().over(Window.partitionBy("city")))')
case("df-window-of-time", 'sensors.groupBy(window("time", "5 minutes"), "pump").agg(count("*").alias("n")).select("window.start", "window.end", "pump", "n")')
case("df-window-of-time-sliding", 'events.groupBy(window("time", "10 minutes", "5 minutes").alias("w")).agg(sum("amount").alias("s")).select(col("w.start").alias("start"), "s")')
case("df-session-window", 'events.groupBy("user", session_window("time", "15 minutes").alias("w")).count().select("user", col("w.end").alias("stop"), "count")')

# Sessions

case("df-range", 'spark.range(3)')
case("df-range-step", 'spark.range(1, 10, 4)')
case("df-sql", 'sql("SELECT name FROM people WHERE id = 1")')
case("df-sql-parameters", 'sql("SELECT name FROM people WHERE id = :id AND age > :age", args={"id": 1, "age": 30})', swift='sql("SELECT name FROM people WHERE id = :id AND age > :age", args: ["id": 1, "age": 30])')
case("df-sql-positional-parameters", 'spark.sql("SELECT name FROM people WHERE id = ? OR name = ?", args=[1, "O\'Neil"])')
case("df-table", 'spark.table("shops")')
case("df-sql-then-api", 'sql("SELECT * FROM sales WHERE quantity > 2").groupBy("shop").count()')
case("df-create", 'spark.createDataFrame([(1, "a"), (2, None)], "id INT, name STRING")', swift='spark.createDataFrame([(1, "a"), (2, nil)], "id INT, name STRING")')
case("df-hashtags", 'tweets.select(explode(split(lower("text"), " ")).alias("tag")).filter(col("tag").startswith("#")).groupBy("tag").count().orderBy(col("count").desc(), col("tag")).limit(10)', ordered=True)
case("df-word-count", 'words.filter(col("word") != "").groupBy(lower("word").alias("word")).count().orderBy(desc("count"), "word")', ordered=True)

# Texts

case("show-people", 'people.show()')
case("show-two-rows", 'people.orderBy("id").show(2)')
case("show-no-rows", 'people.filter(col("id") > 100).show()')
case("show-zero-rows", 'people.show(0)')
case("show-exactly-all-rows", 'people.select("id", "name").orderBy("id").show(8)')
case("show-more-than-twenty", 'spark.range(25).show()')
case("show-nulls", 'people.select("id", "age", "city", "joined").show()')
case("show-long-text", 'sql("SELECT \'abcdefghijklmnopqrstuvwxyz\' AS text, 1 AS one").show()')
case("show-long-text-whole", 'sql("SELECT \'abcdefghijklmnopqrstuvwxyz\' AS text, 1 AS one").show(truncate=False)')
case("show-truncated-to-10", 'people.select("name", "salary", "joined").orderBy("joined", "name").show(5, truncate=10)')
case("show-truncated-to-3", 'people.select("id", "name").orderBy("id").show(3, truncate=3)')
case("show-truncated-to-2", 'people.select("id", "name").orderBy("id").show(3, truncate=2)')
case("show-vertical", 'people.orderBy("id").show(2, vertical=True)')
case("show-vertical-whole", 'sql("SELECT \'abcdefghijklmnopqrstuvwxyz\' AS text, 1 AS one").show(20, truncate=False, vertical=True)')
case("show-vertical-no-rows", 'people.filter(col("id") > 100).show(vertical=True)')
case("show-vertical-more", 'spark.range(3).show(2, vertical=True)')
case("show-wide-unicode", 'extremes.select("id", "text").filter("id IN (2, 3, 9)").orderBy("id").show()')
case("show-wide-names", 'sql("SELECT 1 AS `大阪`, \'日本語\' AS `å`, \'é\' AS e, \'👍👍\' AS thumbs").show()')
case("show-control-characters", 'extremes.select("id", "text").filter("id = 5").show()')
case("show-more-control-characters", 'sql("SELECT \'a\\\\rb\' AS r, \'a\\\\fb\' AS f, \'a\\\\u0007b\' AS bell, \'a\\\\u0000b\' AS zero, \'a\\\\u000Bb\' AS tab").show()', swift='sql("SELECT \'a\\\\rb\' AS r, \'a\\\\fb\' AS f, \'a\\\\u0007b\' AS bell, \'a\\\\u0000b\' AS zero, \'a\\\\u000Bb\' AS tab").show()')
case("show-nested", 'nested.show(truncate=False)')
case("show-nested-truncated", 'nested.show()')
case("show-types", 'extremes.orderBy("id").show(truncate=False)')
case("show-doubles", 'sql("SELECT 1.0D AS a, 1e10D AS b, 1e-7D AS c, double(\'NaN\') AS d, 0.1F AS e, 1e7D AS f, -0.0D AS g, 123456.789D AS h").show()')
case("show-binary", 'sql("SELECT X\'00FF10\' AS b, X\'\' AS e").show()')
case("show-timestamps", 'sensors.select("pump", "time").orderBy("time").show(3, truncate=False)')
case("show-intervals", 'sql("SELECT INTERVAL \'1 02:03:04.5\' DAY TO SECOND AS a, INTERVAL \'1-2\' YEAR TO MONTH AS b, DATE \'2024-03-01\' - DATE \'2024-02-01\' AS c").show(truncate=False)')
case("show-decimals", 'sales.select("discount").filter("id IN (1, 2, 5)").orderBy("discount").show()')
case("show-booleans", 'people.select("active").distinct().orderBy("active").show()')
case("show-generated-names", 'people.groupBy("active").agg(count("*"), avg("age")).orderBy("active").show()')
case("show-no-columns", 'people.select().show(2)')
case("show-long-name", 'spark.range(1).withColumnRenamed("id", "a name that is longer than twenty characters").show()')
case("show-word-count", 'words.groupBy("word").count().orderBy(desc("count"), "word").show(5)')
case("print-schema", 'people.printSchema()')
case("print-schema-types", 'extremes.printSchema()')
case("print-schema-nested", 'nested.printSchema()')
case("print-schema-level", 'nested.printSchema(1)')
case("print-schema-of-expressions", 'people.select((col("age") + 1).alias("a"), lit(1).alias("one"), array(lit(1)).alias("l"), count("*").over(Window.orderBy("id")).alias("n")).printSchema()')
case("print-schema-of-no-columns", 'people.select().printSchema()')

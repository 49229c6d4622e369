"""Runs the catalogue of SQL and DataFrame cases in Apache Spark and stores its answers.

Usage:
  oracle.py                  runs all cases and writes answers/
  oracle.py THEME...         runs the cases of these themes (names of files in sql/, or `dataframe`)
  oracle.py --fast ...       interprets expressions; for a quick look
  oracle.py --check ...      runs the cases on shuffled tables too, and names those whose answer changes
  oracle.py --functions      writes functions.json
  oracle.py --try 'SELECT 1' prints the answer of one statement

README.md describes the formats.
"""

import argparse
import contextlib
import datetime
import decimal
import io
import json
import logging
import os
import pathlib
import random
import re
import struct
import sys
import tempfile
import time

# Python converts timestamps by the zone of the process.
os.environ["TZ"] = "UTC"
time.tzset()
logging.disable(logging.CRITICAL)

import pyspark
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types

# Keeps the sources free of Python's compiled files.
sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).parent
SPARK_VERSION = "4.3.0"


def start_spark():
    """Starts Spark with two threads, ANSI mode and the time zone UTC."""
    if pyspark.__version__ != SPARK_VERSION:
        sys.exit(f"The answers come from Spark {SPARK_VERSION}; this is {pyspark.__version__}.")
    scratch = tempfile.mkdtemp(prefix="martlet-oracle-")
    builder = SparkSession.builder.master("local[2]").appName("oracle")
    for key, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.default.parallelism": "1",
        "spark.driver.memory": "1g",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": scratch,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def interpret(spark):
    """Lets Spark interpret expressions, which is faster for small tables than compiling them."""
    spark.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    spark.conf.set("spark.sql.codegen.wholeStage", "false")


# Values


def decode(value, type):
    """Turns a value of datasets.json into the one that PySpark expects."""
    if value is None:
        return None
    if isinstance(type, types.ArrayType):
        return [decode(element, type.elementType) for element in value]
    if isinstance(type, types.MapType):
        return {decode(k, type.keyType): decode(v, type.valueType) for k, v in value}
    if isinstance(type, types.StructType):
        return tuple(decode(v, field.dataType) for v, field in zip(value, type.fields, strict=True))
    if isinstance(type, (types.FloatType, types.DoubleType)):
        return float(value)
    if isinstance(type, types.DecimalType):
        return decimal.Decimal(value)
    if isinstance(type, types.DateType):
        return datetime.date.fromisoformat(value)
    if isinstance(type, (types.TimestampType, types.TimestampNTZType)):
        return datetime.datetime.fromisoformat(value)
    if isinstance(type, types.BinaryType):
        return bytearray.fromhex(value)
    return value


def shortest(value, single):
    """The shortest text that reads back as the same number."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if single:
        for digits in range(1, 10):
            text = f"{value:.{digits}g}"
            if struct.pack("f", float(text)) == struct.pack("f", value):
                return repr(float(text))
    return repr(value)


def encode(value, type):
    """Turns a value that Spark returned into JSON; README.md describes the rules."""
    if value is None:
        return None
    if isinstance(type, types.ArrayType):
        return [encode(element, type.elementType) for element in value]
    if isinstance(type, types.MapType):
        pairs = [[encode(k, type.keyType), encode(v, type.valueType)] for k, v in value.items()]
        return sorted(pairs, key=lambda pair: order(pair[0], type.keyType))
    if isinstance(type, types.StructType):
        return [encode(v, field.dataType) for v, field in zip(value, type.fields, strict=True)]
    if isinstance(type, (types.FloatType, types.DoubleType)):
        return shortest(value, isinstance(type, types.FloatType))
    if isinstance(type, types.DecimalType):
        return f"{value:f}"
    if isinstance(type, types.DateType):
        return f"{value:%Y-%m-%d}".rjust(10, "0")
    if isinstance(type, (types.TimestampType, types.TimestampNTZType)):
        return f"{value.replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}".rjust(26, "0")
    if isinstance(type, types.TimeType):
        return f"{value:%H:%M:%S.%f}"
    if isinstance(type, types.DayTimeIntervalType):
        return (value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds
    if isinstance(type, types.BinaryType):
        return bytes(value).hex().upper()
    if isinstance(type, types.VariantType):
        return value.toJson()
    if isinstance(type, (types.BooleanType, types.IntegralType, types.StringType)):
        return value
    raise TypeError(f"no rule for {type.simpleString()}")


def is_floating(type):
    return re.search(r"\b(float|double)\b", type.simpleString()) is not None


def order(value, type):
    """A key that sorts encoded values: null first, numbers by value with NaN last, text by code points."""
    if value is None:
        return (0,)
    if isinstance(type, types.ArrayType):
        return (1, [order(element, type.elementType) for element in value])
    if isinstance(type, types.MapType):
        return (1, [[order(k, type.keyType), order(v, type.valueType)] for k, v in value])
    if isinstance(type, types.StructType):
        return (1, [order(v, field.dataType) for v, field in zip(value, type.fields)])
    if isinstance(type, (types.FloatType, types.DoubleType)):
        return (2, 0) if value == "NaN" else (1, float(value))
    if isinstance(type, types.DecimalType):
        return (1, decimal.Decimal(value))
    return (1, value)


def row_order(row, schema):
    """Floating-point columns come last, so that a small deviation seldom changes the order of rows."""
    cells = [(is_floating(f.dataType), order(v, f.dataType)) for v, f in zip(row, schema.fields)]
    return [key for _, key in sorted(cells, key=lambda cell: cell[0])]


# Cases


def read_cases(path):
    """Yields the id, whether rows are ordered, and the statement of each case of a file."""
    name, ordered, lines = None, False, []
    for line in path.read_text().splitlines() + ["-- name: "]:
        if line.startswith("-- name:"):
            if name is not None:
                yield name, ordered, "\n".join(lines).strip()
            name, ordered, lines = line.removeprefix("-- name:").strip(), False, []
        elif line.strip() == "-- ordered":
            ordered = True
        elif name is not None:
            lines.append(line)


def load_tables(spark, seed=None):
    """Registers the tables of datasets.json, with their rows shuffled if there is a seed."""
    tables = {}
    for table in json.loads((HERE / "datasets.json").read_text()):
        schema = types._parse_datatype_string(table["schema"])
        rows = [tuple(decode(v, f.dataType) for v, f in zip(row, schema.fields, strict=True)) for row in table["rows"]]
        if seed is not None:
            random.Random(seed).shuffle(rows)
        frame = spark.createDataFrame(rows, schema)._jdf
        # A local relation costs less than an RDD of Python objects.
        local = spark._jsparkSession.createDataFrame(frame.collectAsList(), frame.schema())
        tables[table["name"]] = DataFrame(local, spark)
        tables[table["name"]].createOrReplaceTempView(table["name"])
    return tables


def collect(frame, ordered):
    """The schema and the rows of a frame."""
    schema = frame.schema
    # Python has no type for these intervals, so their text stands for them.
    texts = {
        field.name
        for field in schema.fields
        if isinstance(field.dataType, (types.YearMonthIntervalType, types.CalendarIntervalType))
    }
    if texts:
        frame = frame.selectExpr(
            *[f"CAST(`{f.name}` AS STRING) AS `{f.name}`" if f.name in texts else f"`{f.name}`" for f in schema.fields]
        )
    rows = []
    for row in frame.collect():
        rows.append([v if f.name in texts else encode(v, f.dataType) for v, f in zip(row, schema.fields)])
    if not ordered:
        rows.sort(key=lambda row: row_order(row, schema))
    names = [[field.name, field.dataType.simpleString()] for field in schema.fields]
    return {"schema": names, "rows": rows}


def answer(action, ordered):
    """Runs an action that returns a frame or prints a text."""
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            result = action()
        if isinstance(result, DataFrame):
            return collect(result, ordered) | ({"ordered": True} if ordered else {})
        if output.getvalue():
            return {"text": output.getvalue()}
        return {"value": json.loads(json.dumps(result))}
    except PySparkException as error:
        condition = error.getCondition()
        if condition is None or condition.startswith("NOT_IMPLEMENTED"):
            raise
        return {"error": condition.strip(), "sqlState": error.getSqlState()}
    except Py4JJavaError as error:
        # PySpark translates few of the exceptions that Java throws while a query runs.
        found = re.search(r"\[([A-Z0-9_.]+)\] .*SQLSTATE: (\w{5})", str(error), re.DOTALL)
        if found is None:
            raise
        return {"error": found[1], "sqlState": found[2]}


def catalogue(spark, themes):
    """Yields theme, id, and a function of the tables that returns an answer."""
    for path in sorted((HERE / "sql").glob("*.sql")):
        if not themes or path.stem in themes:
            for name, ordered, statement in read_cases(path):
                yield path.stem, name, lambda tables, s=statement, o=ordered: answer(lambda: spark.sql(s), o)
    if not themes or "dataframe" in themes:
        try:
            import dataframe
        except ModuleNotFoundError:
            return
        for name, case in dataframe.CASES.items():
            yield "dataframe", name, lambda tables, c=case: (
                answer(lambda: c.run(spark, tables), c.ordered) | {"swift": c.swift}
            )


def run(spark, tables, themes):
    answers, seen = {}, set()
    for theme, name, action in catalogue(spark, themes):
        if name in seen:
            sys.exit(f"Two cases are named {name}.")
        seen.add(name)
        try:
            answers.setdefault(theme, []).append({"id": name} | action(tables))
        except Exception as error:
            print(f"{theme}/{name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
            answers.setdefault(theme, []).append({"id": name, "failed": True})
    return answers


def write(path, items):
    lines = [json.dumps(item, ensure_ascii=False, sort_keys=True) for item in items]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("themes", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--functions", action="store_true")
    parser.add_argument("--try", dest="statements", action="append", default=[])
    options = parser.parse_args()
    spark = start_spark()
    if options.fast:
        interpret(spark)
    tables = load_tables(spark)
    if options.statements:
        for statement in options.statements:
            print(json.dumps(answer(lambda: spark.sql(statement), True), ensure_ascii=False))
        return
    if options.functions:
        import functions

        functions.write(spark, HERE / "functions.json")
        return
    started = time.time()
    answers = run(spark, tables, options.themes)
    if options.check:
        spark.conf.set("spark.sql.shuffle.partitions", "3")
        interpret(spark)
        for seed in (1, 2):
            shuffled = run(spark, load_tables(spark, seed), options.themes)
            for theme in answers:
                for first, second in zip(answers[theme], shuffled[theme], strict=True):
                    # A table is shown in the order of its rows.
                    if not same(first, second) and ("text" not in first or "orderBy" in first["swift"]):
                        print(f"{theme}/{first['id']} has another answer:\n  {first}\n  {second}")
    for theme, items in answers.items():
        write(HERE / "answers" / f"{theme}.json", items)
        print(f"{theme:16} {len(items):5} cases")
    total = sum(len(items) for items in answers.values())
    print(f"{'all':16} {total:5} cases in {time.time() - started:.0f} s")
    failed = [item["id"] for items in answers.values() for item in items if item.get("failed")]
    if failed:
        sys.exit(f"No answer for {', '.join(failed)}")


def same(first, second):
    """Whether two answers are equal, apart from the last digits of floating-point numbers."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return isinstance(second, list) and len(first) == len(second) and all(map(same, first, second))
    if first == second:
        return True
    try:
        return abs(float(first) - float(second)) <= 1e-12 * max(abs(float(first)), abs(float(second)))
    except (TypeError, ValueError):
        return False


if __name__ == "__main__":
    main()

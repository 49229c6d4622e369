"""Describes the functions of Spark's SQL and of pyspark.sql.functions, by asking Spark for what it accepts.

The numbers of arguments and the types of results are found by analysing calls. No query runs.
"""

import inspect
import json
import re

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import functions

WINDOW = {
    *("cume_dist", "dense_rank", "lag", "lead", "nth_value", "ntile", "percent_rank", "rank", "row_number"),
}
GENERATORS = {
    *("explode", "explode_outer", "inline", "inline_outer", "json_tuple", "posexplode", "posexplode_outer", "stack"),
    *("variant_explode", "variant_explode_outer", "sql_keywords", "collations", "range"),
}
MOST_ARGUMENTS = 7

# Literals of the usual types, the likely ones first, since each call that Spark refuses costs time.
ONE = [
    *("3", "1.5D", "1.50", "'a'", "true", "DATE '2024-02-29'", "TIMESTAMP '2024-02-29 10:11:12'", "X'41'"),
    *("array(1, 2)", "map('a', 1)", "named_struct('a', 1)", "array(array(1))"),
]
TWO = [
    *(["3", "2"], ["'a'", "'b'"], ["1.5D", "2.5D"], ["'a'", "2"], ["array(1, 2)", "2"], ["array(1, 2)", "array(2, 3)"]),
    *(["DATE '2024-02-29'", "2"], ["DATE '2024-02-29'", "'MM'"], ["TIMESTAMP '2024-02-29 10:11:12'", "'MM'"]),
    *(["array(1, 2)", "x -> x > 1"], ["map('a', 1)", "(k, v) -> v"], ["map('a', 1)", "(k, v) -> v > 1"], ["map('a', 1)", "'a'"]),
    *(["array('a', 'b')", "','"], ["map('a', 1)", "map('b', 2)"], ["2", "'a'"], ["'day'", "TIMESTAMP '2024-02-29 10:11:12'"]),
    *(["X'41'", "'UTF-8'"], ["1.50", "1"], ["'{\"a\":1}'", "'a INT'"]),
]
THREE = [
    *(["3", "2", "1"], ["'a'", "'b'", "'c'"], ["'a'", "2", "1"], ["'a'", "2", "'b'"], ["'a'", "'b'", "1"]),
    *(["array(1, 2)", "1", "1"], ["array(1, 2)", "0", "(a, x) -> a + x"], ["array(1, 2)", "array(3, 4)", "(x, y) -> x + y"]),
]


def analyse(spark, call):
    """The type of a call, or the condition of its error."""
    try:
        return spark.sql(f"SELECT {call}").schema.fields[0].dataType.simpleString(), None
    except PySparkException as error:
        return None, (error.getCondition() or "").strip()
    except Py4JJavaError:
        # Few functions evaluate an argument while they are analysed, which fails for a lambda.
        return None, "INTERNAL_ERROR"


def expression(name, arguments):
    call = f"{name}({', '.join(arguments)})"
    return f"{call} OVER (ORDER BY 1)" if name in WINDOW else call


def counts(spark, name):
    """The numbers of arguments that a function does not refuse; None if its name is syntax."""
    accepted = []
    for count in range(MOST_ARGUMENTS + 1):
        _, condition = analyse(spark, expression(name, ["NULL"] * count))
        if condition == "PARSE_SYNTAX_ERROR" and count > 0:
            return None
        if condition is None or not condition.startswith(("WRONG_NUM_ARGS", "PARSE_SYNTAX_ERROR")):
            accepted.append(count)
    return accepted


def examples(spark, name, accepted):
    """Calls with literals, and the types of their results."""
    found = []
    if 0 in accepted:
        found += successes(spark, name, [[]], 1)
    if 1 in accepted:
        found += successes(spark, name, [[argument] for argument in ONE], len(ONE))
    if 2 in accepted:
        found += successes(spark, name, TWO, 4)
    if 3 in accepted:
        found += successes(spark, name, THREE, 2)
    if not found:
        for count in accepted:
            if count > 3:
                found += successes(spark, name, [["3"] * count, ["'a'"] * count], 1)
    return found


def successes(spark, name, candidates, limit):
    found = []
    for arguments in candidates:
        type, _ = analyse(spark, expression(name, arguments))
        if type is not None:
            found.append({"call": expression(name, arguments), "type": type})
            if len(found) == limit:
                break
    return found


def kind(spark, name):
    if name in WINDOW:
        return "window"
    if name in GENERATORS:
        return "generator"
    lines = [row[0] for row in spark.sql(f"DESCRIBE FUNCTION {name}").collect()]
    return "aggregate" if any(line.startswith("Class:") and ".aggregate." in line for line in lines) else "scalar"


def python_functions():
    """The functions of pyspark.sql.functions with their parameters."""
    described = {}
    for name in dir(functions):
        function = getattr(functions, name)
        if name.startswith("_") or not inspect.isfunction(function) or not name.islower():
            continue
        parameters = inspect.signature(function).parameters.values()
        most = None if any(p.kind == p.VAR_POSITIONAL for p in parameters) else len(parameters)
        required = sum(p.default is p.empty and p.kind != p.VAR_POSITIONAL for p in parameters)
        described[name] = {"arguments": [required, most], "parameters": [p.name for p in parameters]}
    return described


def write(spark, path):
    python = python_functions()
    names = [row[0] for row in spark.sql("SHOW FUNCTIONS").collect()]
    entries = []
    for name in sorted({name for name in names if re.fullmatch(r"[a-z_][a-z0-9_]*", name)} | python.keys()):
        entry = {"name": name}
        if name in python:
            entry["python"] = python[name]
        if name in names:
            accepted = counts(spark, name)
            if accepted is None:
                entry["sql"] = {"kind": "syntax"}
            elif accepted:
                most = None if accepted[-1] == MOST_ARGUMENTS else accepted[-1]
                entry["sql"] = {"arguments": [accepted[0], most], "kind": kind(spark, name)}
                if accepted != list(range(accepted[0], accepted[-1] + 1)):
                    entry["sql"]["counts"] = accepted
                entry["sql"]["examples"] = examples(spark, name, accepted)
        entries.append(entry)
    lines = [json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in entries]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(entries)} functions")

"""Writes and reads files in Apache Spark, and stores what it does in files.json.

Usage: .build/oracle/bin/python Tests/Oracle/files.py

README.md describes the format of files.json.
"""

import base64
import json
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

import oracle

HERE = pathlib.Path(__file__).parent

TEXTS = """SELECT * FROM VALUES (1, 'plain'), (2, ''), (3, CAST(NULL AS STRING)), (4, 'a,b'), (5, 'say "hi"'),
(6, 'back\\\\slash'), (7, 'both\\\\"x,'), (8, ' spaces '), (9, 'two\\nlines'), (10, 'cr\\rx'), (11, '#hash'), (12, '"'),
(13, '\\ttab\\t'), (14, '   '), (15, "it's"), (16, 'ü€'), (17, ';semi|pipe'), (18, '\\\\'), (19, 'x\\\\,y') AS t(id, s)"""

TYPES = """SELECT CAST(1 AS TINYINT) AS b, CAST(2 AS SMALLINT) AS h, 3 AS i, 4L AS l, CAST(1.5 AS FLOAT) AS f, 1e10D AS d,
CAST(12.30 AS DECIMAL(10,2)) AS x, true AS t, DATE '2024-01-02' AS day, TIMESTAMP '2024-01-02 03:04:05.123456' AS ts,
TIMESTAMP_NTZ '2024-01-02 03:04:05' AS ntz, CAST(0 AS DECIMAL(38,18)) AS zero, CAST('NaN' AS DOUBLE) AS nan,
CAST('-Infinity' AS DOUBLE) AS inf, 1e-7D AS small, TIMESTAMP '1960-01-01 00:00:00' AS old, 0.1D AS tenth"""

NESTED = """SELECT 1 AS id, array(1, NULL, 2) AS a, map('k', 1, 'n', NULL) AS m, named_struct('x', 1, 'y', CAST(NULL AS STRING)) AS s,
CAST(NULL AS INT) AS n, 'q"\\\\/\\u0001\\u001f\\u007f\\u2028é😀\\b\\f\\n\\r\\t' AS text, array(named_struct('z', DATE '2024-01-02')) AS o,
X'616263ff' AS bin, map(1, array('a')) AS mi, INTERVAL '1' DAY AS dt, INTERVAL '1-2' YEAR TO MONTH AS ym"""

PARTITIONS = """SELECT * FROM VALUES (1, 'a', 1.5D, DATE '2024-01-02'), (2, 'a/b', 2D, NULL), (3, '', 0D, NULL),
(4, CAST(NULL AS STRING), 1D, NULL), (5, 'x=y %:"''*?#{}[]^\\\\ü z', 1D, NULL), (6, 'a.b-c_d~', CAST(NULL AS DOUBLE), NULL),
(7, '\\t\\u007f', 1D, NULL), (8, '<>|&;!@$()+,`', 1D, NULL) AS t(id, p, q, d)"""

WRITES = [
    ("csv-texts", TEXTS, "csv", {}, []),
    ("csv-header", TEXTS, "csv", {"header": "true"}, []),
    ("csv-header-names", "SELECT 1 AS `a,b`, 2 AS `c\"d`, 3 AS ` e `, 4 AS `#f`", "csv", {"header": "true"}, []),
    ("csv-quote-all", TEXTS, "csv", {"quoteAll": "true"}, []),
    ("csv-quote-all-types", TYPES, "csv", {"quoteAll": "true", "header": "true"}, []),
    ("csv-null-empty", TEXTS, "csv", {"nullValue": "NULL", "emptyValue": "EMPTY"}, []),
    ("csv-null-number", "SELECT CAST(NULL AS INT) AS a, 1 AS b, CAST(NULL AS DATE) AS c", "csv", {"nullValue": "-"}, []),
    ("csv-no-escape-quotes", TEXTS, "csv", {"escapeQuotes": "false"}, []),
    ("csv-escape-quote", TEXTS, "csv", {"escape": "\""}, []),
    ("csv-escape-other", TEXTS, "csv", {"escape": "!"}, []),
    ("csv-quote-other", TEXTS, "csv", {"quote": "'"}, []),
    ("csv-quote-none", TEXTS, "csv", {"quote": ""}, []),
    ("csv-sep", TEXTS, "csv", {"sep": ";"}, []),
    ("csv-sep-tab", TEXTS, "csv", {"sep": "\\t"}, []),
    ("csv-sep-long", TEXTS, "csv", {"sep": "||"}, []),
    ("csv-sep-digit", "SELECT 101 AS a, -1.5D AS b, 20 AS c", "csv", {"sep": "0"}, []),
    ("csv-keep-spaces", TEXTS, "csv", {"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}, []),
    ("csv-comment", TEXTS, "csv", {"comment": "#"}, []),
    ("csv-comment-first", "SELECT '#a' AS s, '#b' AS t", "csv", {"comment": "#"}, []),
    ("csv-first-text", "SELECT s FROM (%s) WHERE s IS NOT NULL" % TEXTS, "csv", {}, []),
    ("csv-types", TYPES, "csv", {"header": "true"}, []),
    ("csv-formats", TYPES, "csv", {"dateFormat": "dd.MM.yyyy", "timestampFormat": "yyyy/MM/dd HH:mm:ss.SSSSSS XXX", "timestampNTZFormat": "HH:mm"}, []),
    ("csv-binary", "SELECT X'616263' AS b, INTERVAL '1 02:03:04.5' DAY TO SECOND AS i, INTERVAL '1' YEAR AS y", "csv", {}, []),
    ("csv-void", "SELECT NULL AS a, 1 AS b", "csv", {}, []),
    ("csv-array", "SELECT array(1) AS a", "csv", {}, []),
    ("csv-empty", "SELECT id FROM range(0)", "csv", {"header": "true"}, []),
    ("csv-one-null", "SELECT CAST(NULL AS STRING) AS a", "csv", {}, []),
    ("csv-one-empty", "SELECT '' AS a", "csv", {}, []),
    ("json-types", TYPES, "json", {}, []),
    ("json-nested", NESTED, "json", {}, []),
    ("json-nulls", NESTED, "json", {"ignoreNullFields": "false"}, []),
    ("json-formats", TYPES, "json", {"dateFormat": "dd.MM.yyyy", "timestampFormat": "yyyy/MM/dd HH:mm:ss.SSSSSS XXX"}, []),
    ("json-texts", TEXTS, "json", {}, []),
    ("json-names", "SELECT 1 AS `a\"b`, 2 AS `ü`, 3 AS `x\ny`", "json", {}, []),
    ("json-void", "SELECT NULL AS a, 1 AS b", "json", {}, []),
    ("json-all-null", "SELECT CAST(NULL AS INT) AS a", "json", {}, []),
    ("json-empty", "SELECT id FROM range(0)", "json", {}, []),
    ("text-lines", "SELECT s FROM (%s)" % TEXTS, "text", {}, []),
    ("text-two-columns", "SELECT 'a' AS a, 'b' AS b", "text", {}, []),
    ("text-number", "SELECT 1 AS a", "text", {}, []),
    ("partition-texts", PARTITIONS, "csv", {}, ["p"]),
    ("partition-two", PARTITIONS, "csv", {"header": "true"}, ["q", "d"]),
    ("partition-name", "SELECT 1 AS id, 2 AS `k=/ %`", "csv", {}, ["k=/ %"]),
    ("partition-time", "SELECT 1 AS id, TIMESTAMP '2024-01-02 03:04:05.5' AS t, true AS b, CAST(1.50 AS DECIMAL(5,2)) AS x", "csv", {}, ["t", "b", "x"]),
    ("partition-json", PARTITIONS, "json", {}, ["q"]),
    ("partition-text", "SELECT 'x' AS v, 1 AS p", "text", {}, ["p"]),
    ("partition-empty", "SELECT id, id AS p FROM range(0)", "csv", {}, ["p"]),
    ("partition-all", "SELECT 1 AS a", "csv", {}, ["a"]),
    ("partition-unknown", "SELECT 1 AS a, 2 AS b", "csv", {}, ["c"]),
    ("partition-array", "SELECT 1 AS a, array(2) AS b", "csv", {}, ["b"]),
    ("partition-case", "SELECT 1 AS a, 2 AS Bb", "csv", {}, ["bB"]),
    ("duplicate-names", "SELECT 1 AS a, 2 AS A", "csv", {}, []),
    ("csv-decimals", "SELECT CAST(v AS DECIMAL(20,10)) AS d, CAST(v AS DECIMAL(20,7)) AS e FROM VALUES (0), (1), (0.0000001), (-0.0000015), (123.4560000001), (0.000001) AS t(v)", "csv", {}, []),
    ("json-decimals", "SELECT CAST(v AS DECIMAL(20,10)) AS d FROM VALUES (0), (1), (0.0000001), (-0.0000015), (123.4560000001) AS t(v)", "json", {}, []),
    ("csv-quote-all-null", "SELECT CAST(NULL AS STRING) AS a, '' AS b, 1 AS c", "csv", {"quoteAll": "true", "nullValue": "N", "emptyValue": "E"}, []),
    ("csv-escape-self", "SELECT 'a!\"b' AS s, 'a!b' AS t", "csv", {"escape": "!"}, []),
    ("csv-escape-escape", "SELECT 'a\\\\\"b' AS s, 'a\\\\b,' AS t", "csv", {"charToEscapeQuoteEscaping": "!"}, []),
    ("csv-control", "SELECT concat(char(1), 'a', char(31)) AS s, concat('b', char(0)) AS t", "csv", {}, []),
    ("csv-leading-quote", "SELECT '\"a' AS s, 'b\"' AS t", "csv", {"escapeQuotes": "false"}, []),
    ("csv-one-duplicate", "SELECT 1 AS a, 2 AS a", "csv", {"header": "true"}, []),
    ("unknown-format", "SELECT 1 AS a", "nosuch", {}, []),
    ("unknown-codec", "SELECT 1 AS a", "csv", {"compression": "nosuch"}, []),
]

PEOPLE = "id,name,score\n1,\"Ada, L\",1.5\nx,Bob,2\n\n3,\"say \\\"hi\\\"\",\n4\n5,a,6,7\n"
JSON = '{"id": 1, "n": "x", "o": {"b": [1, 2.5]}}\n{"id": "2", "n": 7}\nnot json\n\n{"id": 3.5, "q": true}\n[1]\n'

READS = [
    ("read-csv-corrupt", {"a.csv": PEOPLE}, "csv", {"header": "true"}, "id INT, name STRING, score DOUBLE, _corrupt_record STRING"),
    ("read-csv-drop", {"a.csv": PEOPLE}, "csv", {"header": "true", "mode": "DROPMALFORMED"}, "id INT, name STRING, score DOUBLE"),
    ("read-csv-failfast", {"a.csv": PEOPLE}, "csv", {"header": "true", "mode": "FAILFAST"}, "id INT, name STRING, score DOUBLE"),
    ("read-csv-infer", {"a.csv": PEOPLE}, "csv", {"header": "true", "inferSchema": "true"}, None),
    ("read-csv-two-headers", {"a.csv": "a,b\n1,2\n", "b.csv": "a,b,c\n3,4,5\n", "c.csv": "a\n6\n"}, "csv", {"header": "true"}, None),
    ("read-csv-empty-files", {"a.csv": "", "b.csv": "a,b\n1,2\n"}, "csv", {"header": "true"}, None),
    ("read-csv-all-empty", {"a.csv": ""}, "csv", {"header": "true"}, "a INT"),
    ("read-csv-cr", {"a.csv": "a,b\r\n1,2\r\n3,4"}, "csv", {"header": "true"}, None),
    ("read-csv-lone-cr", {"a.csv": "a,b\r1,2\r3,4"}, "csv", {"header": "true"}, None),
    ("read-csv-bom", {"a.csv": "\ufeffa,b\n1,2\n"}, "csv", {"header": "true"}, None),
    ("read-json-infer", {"a.json": JSON}, "json", {}, None),
    ("read-json-infer-drop", {"a.json": JSON}, "json", {"mode": "DROPMALFORMED"}, None),
    ("read-json-infer-failfast", {"a.json": JSON}, "json", {"mode": "FAILFAST"}, None),
    ("read-json-corrupt", {"a.json": JSON}, "json", {}, "id INT, n STRING, q BOOLEAN, _corrupt_record STRING"),
    ("read-json-drop", {"a.json": JSON}, "json", {"mode": "DROPMALFORMED"}, "id INT, n STRING, q BOOLEAN"),
    ("read-json-missing", {"a.json": '{"a": 1}\n', "b.json": '{"b": "x"}\n'}, "json", {}, None),
    ("read-json-mixed", {"a.json": '{"a": 1, "b": 1, "c": [1], "d": {"x": 1}, "e": null, "f": []}\n{"a": 2.5, "b": "s", "c": "t", "d": {"y": true}}\n{"a": true}\n'}, "json", {}, None),
    ("read-json-big", {"a.json": '{"a": 99999999999, "b": 99999999999999999999, "c": 1.0}\n'}, "json", {}, None),
    ("read-json-only-bad", {"a.json": 'oops\n[1]\n'}, "json", {}, None),
    ("read-json-case", {"a.json": '{"a": 1, "A": 2}\n'}, "json", {}, None),
    ("read-text", {"a.txt": "x\n\ny\r\nz"}, "text", {}, None),
    ("read-text-whole", {"a.txt": "x\n\ny\r\nz"}, "text", {"wholetext": "true"}, None),
    ("read-text-empty", {"a.txt": "", "b.txt": "1\n"}, "text", {"wholetext": "true"}, None),
    ("read-partitions", {"y=2024/c=a%2Fb/1.csv": "1\n", "y=2025/c=__HIVE_DEFAULT_PARTITION__/1.csv": "2\n"}, "csv", {}, None),
    ("read-partition-types", {"i=1/l=99999999999/d=1.5/t=2024-01-02/s=x/ts=2024-01-02 03%3A04%3A05/1.csv": "1\n", "i=2/l=1/d=2/t=2024-01-03/s=1/ts=2024-01-02 03%3A04%3A06/1.csv": "2\n"}, "csv", {}, None),
    ("read-partition-conflict", {"a=1/1.csv": "1\n", "b=2/1.csv": "2\n"}, "csv", {}, None),
    ("read-partition-base", {"y=2024/1.csv": "1\n", "y=2025/1.csv": "2\n"}, "csv", {"basePath": "@", "path": "@/y=2024"}, None),
    ("read-name-filter", {"1.csv": "1\n", "2.txt": "2\n"}, "csv", {"pathGlobFilter": "*.csv"}, None),
    ("read-recursive", {"x/1.csv": "1\n", "y=1/2.csv": "2\n"}, "csv", {"recursiveFileLookup": "true"}, None),
    ("read-glob", {"a1.csv": "1\n", "a2.csv": "2\n", "b.csv": "3\n"}, "csv", {"path": "@/a*.csv"}, None),
    ("read-nothing", {"_hidden.csv": "1\n"}, "csv", {}, None),
    ("read-missing", {"a.csv": "1\n"}, "csv", {"path": "@/gone"}, None),
    ("read-bad-utf8-json", {"a.json": b'{"a": 1}\n{"a": "\xff"}\n'}, "json", {}, "a STRING, _corrupt_record STRING"),
    ("read-bad-utf8-csv", {"a.csv": b"1,x\n2,\xff\n"}, "csv", {}, "a INT, b STRING, _corrupt_record STRING"),
    ("read-bad-utf8-text", {"a.txt": b"x\xffy\n"}, "text", {}, None),
]


def condition(error):
    """Spark's name for an error: the innermost one."""
    name = None
    while error is not None:
        get = getattr(error, "getCondition", None) or getattr(error, "getErrorClass", None)
        if get and get():
            name = get()
        error = getattr(error, "_cause", None) or error.__cause__
    return name


def failure(error):
    name = None
    try:
        cause = error._origin if getattr(error, "_origin", None) is not None else getattr(error, "java_exception", None)
        while cause is not None:
            try:
                name = cause.getCondition() or name
            except Exception:
                pass
            cause = cause.getCause()
    except Exception:
        pass
    return name or condition(error) or type(error).__name__


def written(spark, case):
    name, sql, source, options, partitions = case
    folder = tempfile.mkdtemp(prefix="martlet-oracle-")
    answer = {"id": name, "sql": sql, "format": source}
    if options:
        answer["options"] = options
    if partitions:
        answer["partitionBy"] = partitions
    try:
        spark.sql(sql).coalesce(1).write.format(source).options(**options).partitionBy(*partitions).save(folder + "/out")
        files = {}
        for path in sorted(pathlib.Path(folder + "/out").rglob("part-*")):
            key = str(path.parent.relative_to(folder + "/out"))
            files["" if key == "." else key] = files.get(key, "") + path.read_bytes().decode()
        answer["files"] = files
    except Exception as error:
        answer["error"] = failure(error)
    shutil.rmtree(folder)
    return answer


def read(spark, case):
    name, inputs, source, options, schema = case
    folder = tempfile.mkdtemp(prefix="martlet-oracle-")
    answer = {"id": name, "format": source}
    if options:
        answer["options"] = options
    if schema:
        answer["ddl"] = schema
    answer["inputs"] = {}
    for path, content in inputs.items():
        target = pathlib.Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        answer["inputs"][path] = base64.b64encode(target.read_bytes()).decode() if isinstance(content, bytes) else content
        if isinstance(content, bytes):
            answer["base64"] = True
    try:
        options = {key: value.replace("@", folder) for key, value in options.items()}
        path = options.pop("path", folder)
        reader = spark.read.format(source).options(**options)
        frame = (reader.schema(schema) if schema else reader).load(path)
        answer["schema"] = [[field.name, field.dataType.simpleString()] for field in frame.schema.fields]
        texts = frame.cache().selectExpr(*["CAST(`%s` AS STRING)" % field.name for field in frame.schema.fields])
        answer["rows"] = sorted([list(row) for row in texts.collect()], key=str)
    except Exception as error:
        answer.pop("schema", None)
        answer["error"] = failure(error)
    shutil.rmtree(folder)
    return answer


def main():
    spark = oracle.start_spark()
    answers = [written(spark, case) for case in WRITES] + [read(spark, case) for case in READS]
    lines = ",\n".join(json.dumps(answer, ensure_ascii=True) for answer in answers)
    (HERE / "files.json").write_text("[\n" + lines + "\n]\n")


main()

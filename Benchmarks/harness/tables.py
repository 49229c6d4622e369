"""The measurements of SQL: queries over files, and the ways between streams and tables."""
from .programs import BIDS, DUCKDB, SPARK, SQL, Failed, run
from .samples import column, interleaved, ratio, spread
from .section import Section

# The rounds of a process from which the figures are taken: the first reads files that no cache has.
WARM = 2


def bids(settings):
    """Queries over 5 million bids in files, beside DuckDB's own client and Spark Structured Streaming."""
    cases = [("json", "q7"), ("json", "q5"), ("parquet", "q7"), ("parquet", "q5"), ("csv", "q0")]

    def steady(lines):
        lines = lines[WARM - 1:]
        return {"sec": min(column(lines, "sec")), "cpu": min(column(lines, "cpu")), "answer": lines[-1].get("answer")}

    def ours(format, query):
        return steady(run(SQL, "bids", BIDS, "--format", format, "--query", query, "--rounds", 4).all("bids"))

    def duckdb(format, query):
        return steady(run(*DUCKDB, "query", BIDS, format, query, 2, 4).all("bids"))

    def spark(format, query):
        return steady(run(SPARK, "bids", FORMAT=format, QUERY=query, ROUNDS=4).all("bids"))

    rows, readings = [], {}
    for format, query in cases:
        programs = {"Martlet": lambda: ours(format, query), "DuckDB": lambda: duckdb(format, query)}
        taken = interleaved(settings.rounds, programs, warm_up=False)
        if {first_number(each["answer"]) for each in taken["Martlet"]} != {
                first_number(each["answer"]) for each in taken["DuckDB"]}:
            raise Failed(f"the answers to {query} over {format} differ")
        if settings.spark and format != "parquet":
            taken |= interleaved(1, {"Spark": lambda: spark(format, query)}, warm_up=False)
        readings |= {f"{format} {query} {name}": lines for name, lines in taken.items()}
        rows.append([
            query, format, spread(column(taken["Martlet"], "sec")), spread(column(taken["DuckDB"], "sec")),
            ratio(column(taken["DuckDB"], "sec"), column(taken["Martlet"], "sec")),
            spread(column(taken["Martlet"], "cpu")),
            ratio(column(taken["DuckDB"], "cpu"), column(taken["Martlet"], "cpu")),
            ratio(column(taken["Spark"], "cpu"), column(taken["Martlet"], "cpu")) if "Spark" in taken else ""])
    return Section(
        "SQL over files",
        "Queries over 5 million bids in 20 files, on two threads: *q0* reads every column, *q5* counts the bids for "
        "each auction in windows of 10 s that slide by 2 s, and *q7* takes the highest price of each 10 s. *DuckDB* is "
        "its own Python client, with the version of the library that Martlet loads, and the same queries as its users "
        "write them. *Spark* runs them in Structured Streaming, all files in one batch. The files are in the system's "
        "cache; a figure is the best of three runs in one process, after a first. Goals: 0.9 of DuckDB's speed, and a "
        "sixth of Spark's CPU time.",
        ["query", "format", "Martlet s", "DuckDB s", "of DuckDB's speed", "Martlet's CPU s", "of DuckDB's, by CPU time",
         "Spark's CPU time, by Martlet's"], rows,
        ["sql-bench bids bids --format FORMAT --query QUERY --rounds 4",
         "Benchmarks/peers/duckdb/bids.py query bids FORMAT QUERY 2 4",
         "FORMAT=FORMAT QUERY=QUERY Benchmarks/peers/spark/run bids"], readings)


def first_number(answer):
    return str(answer).split(",")[0]


def frames(settings):
    """The ways between streams and tables."""
    def last(name, *command):
        return run(SQL, *command).last(name)

    readings = interleaved(settings.rounds, {
        "frame": lambda: max(run(SQL, "frame").all("frame"), key=lambda line: line["Mrows/s"]),
        "batch": lambda: last("batch", "batch"),
        "function": lambda: {name: min(column(lines.all(name), "ms")) for lines in [run(SQL, "function")]
                             for name in ("built-in", "closure")},
    }, warm_up=False)
    views = run(SQL, "views").all("views")
    function = readings["function"]
    rows = [
        ["an RDD of 1 M `(Text, Int)` as a view, one thread", spread(column(readings["frame"], "Mrows/s")) + " M rows/s", "10 M"],
        ["a batch of 1,000 rows as a view, joined with two tables, collected", spread(column(readings["batch"], "p50_ms")) + " ms", "5 ms"],
        ["a closure over 10 M numbers, by the time of `+`", ratio(column(function, "closure"), column(function, "built-in")), "1.5"],
        ["resident memory after 1,000 and after 10,000 replaced views",
         f"{views[0]['resident_mb']} and {views[-1]['resident_mb']} MB", "flat"],
    ]
    return Section(
        "Streams and tables",
        "The steps that a batch takes when it is asked in SQL. A figure of an RDD is the best of nine runs in one "
        "process; that of a batch is the median of the later half of 400.",
        ["step", "figure", "goal"], rows,
        ["sql-bench frame", "sql-bench batch", "sql-bench function", "sql-bench views"],
        {**readings, "views": views})


GROUPS = {"sql-files": bids, "sql-frames": frames}

"""Queries over the bids with DuckDB's own Python client, as its users write them.

    bids.py parquet FOLDER                          writes FOLDER/parquet from FOLDER/csv
    bids.py query FOLDER FORMAT QUERY THREADS ROUNDS
    bids.py built-in THREADS ROUNDS                 a built-in function over 10 million numbers

Prints lines of a name and key=value pairs, as the other programs do.
"""
import sys
import time

import duckdb

COLUMNS = {"auction": "BIGINT", "bidder": "BIGINT", "price": "BIGINT", "channel": "VARCHAR", "dateTime": "TIMESTAMP"}

# Each ends in one row, so that what is measured is not the conversion of rows to Python.
QUERIES = {
    # Reads all columns of all bids.
    "q0": "SELECT count(*), sum(auction), sum(bidder), sum(price), max(channel), max(dateTime) FROM {bids}",
    # The number of bids for each auction in windows of 10 s that slide by 2 s.
    "q5": "SELECT count(*), sum(bids), max(bids) FROM (SELECT time_bucket(INTERVAL 2 SECONDS, dateTime) "
          "- to_seconds(2 * slide) AS start, auction, count(*) AS bids FROM {bids}, range(5) s(slide) GROUP BY ALL)",
    # The highest price of each 10 s.
    "q7": "SELECT count(*), sum(price), max(price) FROM (SELECT time_bucket(INTERVAL 10 SECONDS, dateTime) AS start, "
          "max(price) AS price FROM {bids} GROUP BY ALL)",
}


def source(folder, format):
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items()) + "}"
    if format == "json":
        return f"read_json('{folder}/json/*.json', format = 'newline_delimited', columns = {columns})"
    if format == "csv":
        return f"read_csv('{folder}/csv/*.csv', header = false, columns = {columns})"
    return f"read_parquet('{folder}/parquet/*.parquet')"


def measured(name, connection, text, rounds, **pairs):
    for _ in range(rounds):
        began, cpu = time.monotonic(), time.process_time()
        row = connection.execute(text).fetchone()
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        values = {**pairs, "sec": f"{seconds:.4f}", "cpu": f"{cpu:.3f}",
                  "answer": ",".join(str(value).replace(" ", "_") for value in row)}
        print(name, " ".join(f"{key}={value}" for key, value in values.items()), flush=True)


def main():
    mode, *arguments = sys.argv[1:]
    connection = duckdb.connect()
    if mode == "parquet":
        (folder,) = arguments
        for path in connection.execute(f"SELECT file FROM glob('{folder}/csv/*.csv') ORDER BY file").fetchall():
            name = path[0].rsplit("/", 1)[1].removesuffix(".csv")
            rows = source(folder, "csv").replace("/*.csv", f"/{name}.csv")
            connection.execute(f"COPY (FROM {rows}) TO '{folder}/parquet/{name}.parquet' (FORMAT parquet)")
    elif mode == "query":
        folder, format, query, threads, rounds = arguments
        connection.execute(f"SET threads = {int(threads)}")
        text = QUERIES[query].format(bids=source(folder, format))
        measured("bids", connection, text, int(rounds), format=format, query=query)
    elif mode == "built-in":
        threads, rounds = arguments
        connection.execute(f"SET threads = {int(threads)}")
        connection.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(10000000)")
        measured("built-in", connection, "SELECT sum(n + 1) FROM numbers", int(rounds))
    else:
        sys.exit(__doc__)


main()

"""Writes the files that the tests of Avro and Arrow read, with other implementations of the formats.

    python3 -m venv venv && venv/bin/pip install fastavro==1.12.1 cramjam==2.14.0 zstandard==0.25.0 pyarrow==26.0.1
    venv/bin/python make-fixtures.py

Beside each file is its content as text: a row in each line, in the notation of `text`.
"""

import datetime
import decimal
import json
import os

import fastavro
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc

FOLDER = os.path.dirname(os.path.abspath(__file__))
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def text(value):
    """A value as the tests write it: times as microseconds, dates as days, decimals without their point."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "x'" + value.hex() + "'"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime.datetime):
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        return str((value - EPOCH) // datetime.timedelta(microseconds=1))
    if isinstance(value, datetime.date):
        return str((value - EPOCH.date()).days)
    if isinstance(value, datetime.timedelta):
        return "0m0d%du" % (value // datetime.timedelta(microseconds=1))
    if isinstance(value, pa.MonthDayNano):
        return "%dm%dd%du" % (value.months, value.days, value.nanoseconds // 1000)
    if isinstance(value, decimal.Decimal):
        sign, digits, _ = value.as_tuple()
        return ("-" if sign else "") + "".join(map(str, digits)).lstrip("0").rjust(1, "0")
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return "{" + ", ".join(text(k) + ": " + text(v) for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, dict):
        return "(" + ", ".join(map(text, value.values())) + ")"
    return str(value)


def write(name, content):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(content)


def write_text(name, rows):
    write(name, "".join("\t".join(map(text, row)) + "\n" for row in rows).encode())


# Avro

RECORD = {
    "type": "record",
    "name": "Everything",
    "namespace": "org.example",
    "fields": [
        {"name": "nothing", "type": "null"},
        {"name": "flag", "type": "boolean"},
        {"name": "small", "type": "int"},
        {"name": "large", "type": "long"},
        {"name": "single", "type": "float"},
        {"name": "precise", "type": "double"},
        {"name": "raw", "type": "bytes"},
        {"name": "word", "type": "string"},
        {"name": "maybe", "type": ["null", "string"]},
        {"name": "either", "type": ["string", "int", "null"]},
        {"name": "number", "type": ["int", "long"]},
        {"name": "suit", "type": {"type": "enum", "name": "Suit", "symbols": ["HEARTS", "SPADES"]}},
        {"name": "code", "type": {"type": "fixed", "name": "Code", "size": 3}},
        {"name": "items", "type": {"type": "array", "items": ["null", "long"]}},
        {"name": "counts", "type": {"type": "map", "values": "int"}},
        {"name": "point", "type": {"type": "record", "name": "Point", "fields": [
            {"name": "x", "type": "int"}, {"name": "y", "type": ["null", "double"]}]}},
        {"name": "other", "type": ["null", "Point"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "weight", "type": {
            "type": "fixed", "name": "Weight", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 3}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "millis", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "micros", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
        {"name": "clock", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
    ],
}


def records():
    for i in range(200):
        yield {
            "nothing": None,
            "flag": i % 3 == 0,
            "small": (-1) ** i * (2**31 - 1 - i),
            "large": (-1) ** i * (2**62 + i),
            "single": i / 4,
            "precise": i / 3,
            "raw": bytes(range(i % 20)),
            "word": "wörd %d" % i * (i % 4),
            "maybe": None if i % 5 == 0 else "m%d" % i,
            "either": [None, "s%d" % i, i][i % 3],
            "number": i if i % 2 else 2**40 + i,
            "suit": "SPADES" if i % 2 else "HEARTS",
            "code": b"%03d" % i,
            "items": [None if j % 2 else j * 1000 for j in range(i % 6)],
            "counts": {"k%d" % j: j for j in range(i % 4)},
            "point": {"x": i, "y": None if i % 2 else i / 2},
            "other": None if i % 3 else {"x": -i, "y": 1.5},
            "price": decimal.Decimal(i * 12345 - 500000).scaleb(-2),
            "weight": decimal.Decimal(-(10**37) + i).scaleb(-3, decimal.Context(prec=40)),
            "day": datetime.date(1950, 1, 1) + datetime.timedelta(days=i * 300),
            "millis": EPOCH + datetime.timedelta(milliseconds=i * 10**9 - 5 * 10**10),
            "micros": EPOCH + datetime.timedelta(microseconds=i * 10**12 + 7),
            "local": datetime.datetime(2024, 3, 31, 2, 30) + datetime.timedelta(seconds=i),
            "clock": datetime.time(1, 2, 3, i * 1000),
            "id": "0000%04d-1234-1234-1234-123456789abc" % i,
        }


def row(record):
    record = dict(record)
    either = record["either"]
    record["either"] = either if either is None else (
        {"member0": either, "member1": None} if isinstance(either, str) else {"member0": None, "member1": either})
    record["counts"] = list(record["counts"].items())
    clock = record["clock"]
    record["clock"] = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000 + clock.microsecond // 1000
    values = [text(value) for value in record.values()]
    if not record["counts"]:
        values[14] = "{}"
    return "\t".join(values)


def make_avro():
    schema = fastavro.parse_schema(RECORD)
    for codec in ["null", "deflate", "snappy", "zstandard"]:
        with open(os.path.join(FOLDER, "everything-%s.avro" % codec), "wb") as file:
            fastavro.writer(file, schema, records(), codec=codec, sync_interval=4000)
    write("everything.avro.txt", "".join(row(record) + "\n" for record in records()).encode())


# Arrow

def make_arrow():
    n = 50
    some = [i % 4 != 1 for i in range(n)]

    def array(type, value):
        return pa.array([value(i) if some[i] else None for i in range(n)], type)

    stamps = [datetime.datetime(1969, 12, 31, 23, 59, 59) + datetime.timedelta(hours=i * 1000) for i in range(n)]
    columns = {
        "nothing": pa.nulls(n),
        "flag": array(pa.bool_(), lambda i: i % 3 == 0),
        "i8": array(pa.int8(), lambda i: i - 20),
        "i16": array(pa.int16(), lambda i: i * 600),
        "i32": array(pa.int32(), lambda i: -i),
        "i64": array(pa.int64(), lambda i: 2**62 + i),
        "u8": array(pa.uint8(), lambda i: 255 - i),
        "u16": array(pa.uint16(), lambda i: 65535 - i),
        "u32": array(pa.uint32(), lambda i: 2**32 - 1 - i),
        "u64": array(pa.uint64(), lambda i: 2**64 - 1 - i),
        "f32": array(pa.float32(), lambda i: i / 4),
        "f64": array(pa.float64(), lambda i: i / 3),
        "dec": array(pa.decimal128(20, 2), lambda i: decimal.Decimal(i * 1001 - 9000).scaleb(-2)),
        "big": array(pa.decimal256(38, 3), lambda i: decimal.Decimal(-i * 10**20).scaleb(-3, decimal.Context(prec=40))),
        "word": array(pa.string(), lambda i: "wörd %d" % i * (i % 4)),
        "large": array(pa.large_string(), lambda i: "large %d" % i),
        "view": array(pa.string_view(), lambda i: "view %d" % i * (1 + i % 3)),
        "raw": array(pa.binary(), lambda i: bytes(range(i % 20))),
        "fixed": array(pa.binary(3), lambda i: b"%03d" % i),
        "d32": array(pa.date32(), lambda i: datetime.date(1960, 1, 1) + datetime.timedelta(days=i * 700)),
        "d64": array(pa.date64(), lambda i: datetime.date(1960, 1, 1) + datetime.timedelta(days=i * 700)),
        "ts_s": array(pa.timestamp("s"), lambda i: stamps[i]),
        "ts_ms": array(pa.timestamp("ms"), lambda i: stamps[i]),
        "ts_us": array(pa.timestamp("us", "Europe/Berlin"), lambda i: stamps[i].replace(tzinfo=UTC)),
        "ts_ns": array(pa.timestamp("ns"), lambda i: stamps[i]),
        "span": array(pa.duration("ms"), lambda i: datetime.timedelta(milliseconds=i * 1500)),
        "months": array(pa.month_day_nano_interval(), lambda i: pa.MonthDayNano([i, -i, i * 1000])),
        "list": array(pa.list_(pa.int32()), lambda i: [None if j % 2 else j for j in range(i % 5)]),
        "large_list": array(pa.large_list(pa.string()), lambda i: ["e%d" % j for j in range(i % 3)]),
        "pair": array(pa.list_(pa.int16(), 2), lambda i: [i, None]),
        "struct": array(pa.struct([("x", pa.int32()), ("y", pa.string())]), lambda i: {"x": i, "y": None if i % 2 else "y"}),
        "map": array(pa.map_(pa.string(), pa.int64()), lambda i: [("k%d" % j, j) for j in range(1 + i % 3)]),
        "dict": array(pa.string(), lambda i: "value %d" % (i % 7)).dictionary_encode(),
    }
    table = pa.table(columns)
    plain = dict(columns, dict=columns["dict"].cast(pa.string()))
    values = [column.to_pylist() for column in plain.values()]
    write_text("everything.arrow.txt", zip(*values))
    for name, options in [
        ("everything", None),
        ("everything-lz4", pa.ipc.IpcWriteOptions(compression="lz4")),
        ("everything-zstd", pa.ipc.IpcWriteOptions(compression="zstd")),
        ("everything-legacy", pa.ipc.IpcWriteOptions(
            metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True)),
    ]:
        with pa.OSFile(os.path.join(FOLDER, name + ".arrow"), "wb") as file:
            with pa.ipc.new_file(file, table.schema, options=options) as writer:
                writer.write_table(table, max_chunksize=20)
    with pa.OSFile(os.path.join(FOLDER, "everything.arrows"), "wb") as file:
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=20)
    # A dictionary that grows, and one that is replaced.
    schema = pa.schema([("d", pa.dictionary(pa.int8(), pa.string()))])
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.OSFile(os.path.join(FOLDER, "dictionaries.arrows"), "wb") as file:
        with pa.ipc.new_stream(file, schema, options=options) as writer:
            for words in [["a", "b"], ["a", "b", "c"], ["x"]]:
                numbers = pa.array(list(range(len(words))) + [None], pa.int8())
                writer.write_batch(pa.record_batch([pa.DictionaryArray.from_arrays(numbers, words)], schema=schema))


make_avro()
make_arrow()

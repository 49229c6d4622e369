"""The measurements: one function for each section of the report, which lets its programs take turns."""
import subprocess

from .lasting import GROUPS as LASTING
from .programs import (
    BENCHMARKS, CACHE, LIMIT, LIMIT_PREFETCHING, LIMIT_SSE2, MARTLET, PEERS, SPARK, TEXT, WITH_FEEDER, WORD_COUNT, run,
    text_facts)
from .samples import column, interleaved, median, ratio, spread
from .section import Section
from .tables import GROUPS as TABLES


def word_count(settings):
    """Word count of a file as one batch, against the limit and against Spark."""
    size = text_facts()["bytes"] / 1e6

    def once(program, threads):
        output = run(program, TEXT, threads)
        return {"MB/s": size / output.last()["sec"], "cpu": output.cpu_sec}

    def steady(output, name):
        """The batches from the third on: those of Spark, and of Martlet in one long process."""
        batches = output.all(name)[2:]
        return {"MB/s": median(column(batches, "MB/s")), "cpu": median(column(batches, "cpu"))}

    def ours_steady():
        return steady(run(MARTLET, "words", TEXT, "--threads", 2, "--batches", 7), "words")

    def spark():
        return steady(run(SPARK, "files", CORES=2, BATCHES=7), "files")

    limits = {"C": LIMIT, "C, prefetching": LIMIT_PREFETCHING}
    if LIMIT_SSE2.exists():
        limits["C, SSE2"] = LIMIT_SSE2
    programs = {}
    for threads in (1, 2):
        for name, program in {**limits, "Martlet": WORD_COUNT}.items():
            programs[f"{name} {threads}"] = lambda program=program, threads=threads: once(program, threads)
    readings = interleaved(settings.rounds, programs)
    if settings.spark:
        # A run of Spark takes a minute: Martlet runs again in turn with it, so that all see the same machine.
        readings |= interleaved(
            settings.spark_rounds,
            {"Martlet beside Spark": programs["Martlet 2"], "Martlet, steady": ours_steady, "Spark": spark},
            warm_up=False)

    def speed(label):
        return column(readings[label], "MB/s")

    def row(program, threads, label):
        return [program, threads, spread(speed(label)), spread(column(readings[label], "cpu"))]

    rows = []
    for threads in (1, 2):
        for name in limits:
            share = ratio(speed(f"Martlet {threads}"), speed(f"{name} {threads}"))
            rows.append(row(name, threads, f"{name} {threads}") + [share])
        rows.append(row("Martlet", threads, f"Martlet {threads}") + [""])
    shares = [f"{ratio(speed('Martlet 2'), speed(f'{name} 2'))} of *{name}*" for name in limits]
    text = (f"The generated text, {size:.0f} MB, as one batch. Martlet and C start a process for each round; the time "
            f"is that from opening the file to the complete counts. **With two threads Martlet reaches "
            f"{', '.join(shares)}.**")
    if settings.spark:
        rows.append(row("Martlet, third batch on", 2, "Martlet, steady") + [""])
        rows.append(row("Spark, third batch on", 2, "Spark") + [""])
        cost = ratio(column(readings["Spark"], "cpu"), column(readings["Martlet, steady"], "cpu"))
        text += (f" **Martlet counts {ratio(speed('Martlet, steady'), speed('Spark'))} times as fast as Spark on the "
                 f"same two threads, and uses 1/{cost} of its CPU time**: both in one process, from the third batch on. "
                 f"A whole process of Martlet, which has only its first batch, is "
                 f"{ratio(speed('Martlet beside Spark'), speed('Spark'))} times as fast as Spark's steady batches.")
    return Section(
        "Word count from a file", text, ["program", "threads", "MB/s", "CPU s", "Martlet's share of its speed"], rows,
        ["Benchmarks/peers/limit/run THREADS [sse2|prefetching]", "wordcount-bench zipf.txt THREADS",
         "martlet-bench words zipf.txt --threads 2 --batches 7", "BATCHES=7 Benchmarks/peers/spark/run files"], readings)


def variants(settings):
    """Word count in the variations of real programs: lower-casing, String keys, a captured variable."""
    size = text_facts()["bytes"] / 1e6
    names = {
        "plain": "`map { ($0, 1) }`", "capturing": "`map { ($0, weight) }`, a captured variable",
        "lowercased": "`map { ($0.lowercased(), 1) }`", "strings": "`map { (String($0), 1) }`",
    }

    def batch(variant):
        output = run(MARTLET, "words", TEXT, "--variant", variant, "--batches", 2)
        return {**output.all("words")[-1], "peak_mb": output.last("process")["peak_mb"]}

    programs = {name: lambda name=name: batch(name) for name in names}
    programs["C"] = lambda: {"MB/s": size / run(LIMIT, TEXT, 1).last()["sec"]}
    readings = interleaved(settings.rounds, programs, warm_up=False)
    limit = column(readings["C"], "MB/s")
    rows = [
        [label, spread(column(readings[name], "MB/s")), ratio(column(readings[name], "MB/s"), limit),
         ratio(column(readings[name], "MB/s"), column(readings["plain"], "MB/s")),
         spread(column(readings[name], "peak_mb"))]
        for name, label in names.items()
    ]
    return Section(
        "Word count in variations", "One thread, the second batch of a process.",
        ["keys from", "MB/s", "share of C", "of the plain one", "peak memory MB"], rows,
        ["martlet-bench words zipf.txt --variant VARIANT --batches 2"], readings)


def one_process(title, text, command, name, label, value, settings):
    """A section of a measurement that alternates inside one process, which runs several times."""
    outputs = [run(MARTLET, command) for _ in range(settings.rounds)]
    readings = {line[label]: [] for line in outputs[0].all(name)}
    for output in outputs:
        for line in output.all(name):
            readings[line[label]].append(line)
    rows = [[f"`{key}`", spread(column(lines, value))] for key, lines in readings.items()]
    return Section(title, text, [label, "CPU ns for an element"], rows, [f"martlet-bench {command}"], readings)


def elements(settings):
    """The cost of an operator for an element."""
    return one_process(
        "An element's path through operators",
        "A range of numbers through a chain of operators into a count, on one thread; `none` is the range and the "
        "count alone. *Capturing* closures use a variable of the enclosing function: one call for each element "
        "remains, as [docs/performance.md](docs/performance.md#kernels) explains.",
        "elements", "elements", "chain", "cpu_ns", settings)


def keys(settings):
    """The cost of aggregation, by the type of the key."""
    return one_process(
        "Aggregation by key",
        "`parallelize(keys).map { ($0, 1) }.reduceByKey(+).collect()` over 4 million keys, 100,000 of them different, "
        "on one thread: copying the key out of the array, pairing and aggregating it.",
        "keys", "keys", "key", "cpu_ns", settings)


def idle(settings):
    """The cost of an empty batch."""
    intervals = (1, 10, 200)

    def ours(interval):
        return run(MARTLET, "idle", "--interval", interval, "--seconds", 6).last("idle")

    def spark():
        return run(SPARK, "idle", INTERVAL=200, DURATION=30).last("idle")

    readings = interleaved(
        settings.rounds, {f"Martlet {i}": lambda i=i: ours(i) for i in intervals}, warm_up=False)
    rows = [["Martlet", i, spread(column(readings[f"Martlet {i}"], "cpu_ms"))] for i in intervals]
    if settings.spark:
        readings["Spark"] = interleaved(settings.spark_rounds, {"Spark": spark}, warm_up=False)["Spark"]
        rows.append(["Spark", 200, spread(column(readings["Spark"], "cpu_ms"))])
    return Section(
        "An empty batch",
        "CPU time of the whole process for each empty batch, through `filter`, `flatMap`, `map`, "
        "`reduceByKey` and `map`, in two partitions; later half of the run. The work is the same at all intervals: "
        "the longer the process has slept, the less of its data is still in the processor's caches. Goal: 0.05 ms.",
        ["program", "interval ms", "CPU ms for a batch"], rows,
        ["martlet-bench idle --interval MS", "INTERVAL=200 DURATION=30 Benchmarks/peers/spark/run idle"], readings)


def interval(settings):
    """The smallest interval that is sustained."""
    def smallest(intervals, stable):
        verdicts = {}
        for milliseconds in intervals:
            verdicts[str(milliseconds)] = [stable(milliseconds) for _ in range(settings.spark_rounds)]
            if "no" in column(verdicts[str(milliseconds)], "stable"):
                break
        sustained = [m for m in intervals if str(m) in verdicts
                     and "no" not in column(verdicts[str(m)], "stable")]
        return verdicts, (min(sustained) if sustained else f"above {max(intervals)}")

    def ours(milliseconds, seconds=6):
        return run(MARTLET, "idle", "--interval", milliseconds, "--seconds", seconds).last("batches")

    def spark(milliseconds):
        return run(SPARK, "idle", INTERVAL=milliseconds, DURATION=40).last("batches")

    readings = {}
    readings["Martlet"], found = smallest([10, 5, 2, 1, 0.5, 0.3], ours)
    rows = [["Martlet", found]]
    if isinstance(found, (int, float)):
        readings["Martlet, 60 s"] = [ours(found, 60)]
        last = readings["Martlet, 60 s"][0]
        rows.append([f"Martlet for 60 s, sustained: {last['stable']}", found])
    if settings.spark:
        readings["Spark"], found = smallest([200, 100, 50, 30, 20], spark)
        rows.append(["Spark", found])
    return Section(
        "The smallest interval",
        "The smallest interval of empty batches that every run sustained. A run sustains it if its last batches were "
        "no more than two intervals late.",
        ["program", "interval ms"], rows,
        ["martlet-bench idle --interval MS", "INTERVAL=MS DURATION=40 Benchmarks/peers/spark/run idle"], readings)


def socket(settings):
    """Word count of the lines of a socket."""
    facts, times = text_facts(), 4

    def raw():
        return run(PEERS / "net" / "run", times).last()

    def ours():
        output = run(WITH_FEEDER, "file", TEXT, times, "--", MARTLET, "socket", "--interval", 100, "--threads", 3,
                     "--words", facts["words"] * times, "--bytes", facts["bytes"] * times)
        return {**output.last("socket"), "peak_mb": output.last("process")["peak_mb"]}

    def spark():
        output = run(SPARK, "socket", CORES=3)
        return {**output.last("socket"), "peak_mb": output.last("process")["peak_mb"]}

    readings = interleaved(settings.rounds, {"raw": raw, "Martlet": ours})
    rows = [["a reader that discards it", "", spread(column(readings["raw"], "MB/s")), ""],
            ["Martlet", 100, spread(column(readings["Martlet"], "MB/s")),
             spread(column(readings["Martlet"], "peak_mb"))]]
    text = (f"The text through loopback TCP, {times} times over (once for Spark), from the first byte sent to the "
            "result that completes the count; one receiver and two counting threads.")
    if settings.spark:
        beside = interleaved(settings.spark_rounds, {"beside": ours, "Spark": spark}, warm_up=False)
        readings |= {"Martlet beside Spark": beside["beside"], "Spark": beside["Spark"]}
        rows.append(["Spark", 1000, spread(column(beside["Spark"], "MB/s")), spread(column(beside["Spark"], "peak_mb"))])
        times_faster = ratio(column(beside["beside"], "MB/s"), column(beside["Spark"], "MB/s"))
        text += f" **Martlet counts {times_faster} times as fast as Spark.**"
    return Section(
        "Word count from a socket", text, ["program", "interval ms", "MB/s", "peak memory MB"], rows,
        ["Benchmarks/peers/net/run 4",
         "Benchmarks/peers/net/with-feeder file zipf.txt 4 -- martlet-bench socket --interval 100 --words N --bytes N",
         "Benchmarks/peers/spark/run socket"], readings)


def latency(settings):
    """The time from sending a line to the result of its batch."""
    def ours(milliseconds):
        output = run(WITH_FEEDER, "stamps", 5, 60, "--", MARTLET, "latency", "--interval", milliseconds,
                     "--seconds", 8)
        return {**output.last("latency"), "first_sec": output.last("first-result")["arrived_sec"],
                "peak_mb": output.last("process")["peak_mb"]}

    def spark(milliseconds):
        output = run(SPARK, "latency", INTERVAL=milliseconds, DURATION=30)
        return {**output.last("latency"), "first_sec": output.last("first-result")["arrived_sec"],
                "peak_mb": output.last("process")["peak_mb"]}

    readings = interleaved(
        settings.rounds, {f"Martlet {i}": lambda i=i: ours(i) for i in (1, 10, 100)}, warm_up=False)
    if settings.spark:
        readings |= interleaved(
            settings.spark_rounds, {f"Spark {i}": lambda i=i: spark(i) for i in (100, 1000)}, warm_up=False)
    rows = []
    for label, lines in readings.items():
        program, milliseconds = label.split()
        rows.append([program, milliseconds] + [
            spread(column(lines, key)) for key in ("p50_ms", "p99_ms", "max_ms", "first_sec", "peak_mb")])
    return Section(
        "Latency from a socket",
        "The time from sending a line, about every 5 ms (10 ms for Spark), to the count of its words; later half of "
        "the run. Half an interval of the median is the wait for the batch to begin. *First result* is the time from "
        "the start of the process to the first count, with the feeder already waiting.",
        ["program", "interval ms", "p50 ms", "p99 ms", "max ms", "first result s", "peak memory MB"], rows,
        ["Benchmarks/peers/net/with-feeder stamps 5 60 -- martlet-bench latency --interval MS",
         "INTERVAL=MS DURATION=30 Benchmarks/peers/spark/run latency"], readings)


def debug(settings):
    """The word count in a debug build."""
    part = CACHE / "text" / "zipf-part.txt"
    with open(TEXT, "rb") as whole:
        part.write_bytes(whole.read(21_000_000))
    subprocess.run(["swift", "build", "--package-path", str(BENCHMARKS), "--product", "wordcount-bench"], check=True)
    program, size = BENCHMARKS / ".build" / "debug" / "wordcount-bench", part.stat().st_size / 1e6

    def once(threads):
        return {"MB/s": size / run(program, part, threads).last()["sec"]}

    readings = interleaved(settings.rounds, {f"{t}": lambda t=t: once(t) for t in (1, 2)})
    return Section(
        "A debug build", f"The first {size:.0f} MB of the text, counted by programs built without optimization.",
        ["threads", "MB/s"], [[t, spread(column(readings[f"{t}"], "MB/s"))] for t in (1, 2)],
        ["swift build --product wordcount-bench", "wordcount-bench PART THREADS"], readings)


def soak(settings):
    """A million batches on a clock moved by hand."""
    lines = run(MARTLET, "soak").all("soak")
    rows = [[int(line["batches"]), line["cpu_us"], line["resident_mb"], int(line["descriptors"])] for line in lines]
    return Section(
        "A million batches",
        "Every second batch is empty, the others have two lines; five operators, two threads, a clock that is moved "
        "by hand as soon as a batch is complete. Anything that grows with the number of batches would show.",
        ["batches", "CPU us for a batch", "resident memory MB", "descriptors"], rows, ["martlet-bench soak"],
        {"Martlet": lines})


GROUPS = {
    "word-count": word_count, "variants": variants, "socket": socket, "latency": latency, "idle": idle,
    "interval": interval, "elements": elements, "keys": keys, **LASTING, **TABLES,
    "soak": soak, "debug": debug,
}

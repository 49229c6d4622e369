"""Measurements of windows, of state, and of recovery after a kill."""
import os
import random
import time

from . import tags
from .programs import MARTLET, SPARK, TEXT, TWEETS, WITH_FEEDER, Failed, run, run_and_kill, scratch, text_facts
from .samples import column, interleaved, ratio, spread
from .section import Section


def windows(settings):
    """The most frequent hashtags of sliding windows."""
    warm_up, slides = 60, 60

    def ours(kind, window):
        line = run(MARTLET, "windows", TWEETS, "--kind", kind, "--window", window, "--warm-up", warm_up,
                   "--slides", slides).last("windows")
        tags.check(line, warm_up + slides - 1, 1 if kind == "batches" else window)
        return line

    def spark(warm_up=30, slides=30):
        line = run(SPARK, "windows", CORES=2, WARM_UP=warm_up, SLIDES=slides).last("windows")
        tags.check(line, warm_up + slides - 1, 3)
        return line

    kinds = {
        "merged": "`reduceByKeyAndWindow(+, …)`", "inverse": "`reduceByKeyAndWindow(+, -, …)`",
    }
    programs = {"batches": lambda: ours("batches", 1)}
    for kind in kinds:
        for window in (3, 60):
            programs[f"{kind} {window}"] = lambda kind=kind, window=window: ours(kind, window)
    readings = interleaved(settings.rounds, programs, warm_up=False)
    if settings.spark:
        readings |= interleaved(
            settings.spark_rounds, {"beside Spark": programs["merged 3"], "Spark": spark}, warm_up=False)

    def row(program, window, label, compared="", goal=""):
        lines = readings[label]
        speed = [k / 1e3 for k in column(lines, "klines/cpu-s")]
        return [program, window, spread(speed), spread(column(lines, "cpu_ms")), spread(column(lines, "slide_ms")),
                compared, goal]

    def compared(kind):
        return ratio(column(readings[f"{kind} 60"], "cpu_ms"), column(readings[f"{kind} 3"], "cpu_ms"))

    rows = [
        row("Martlet, batches alone", "", "batches"),
        row(f"Martlet, {kinds['merged']}", 3, "merged 3", goal="3 M lines"),
        row(f"Martlet, {kinds['merged']}", 60, "merged 60", compared("merged")),
        row(f"Martlet, {kinds['inverse']}", 3, "inverse 3"),
        row(f"Martlet, {kinds['inverse']}", 60, "inverse 60", compared("inverse"), goal="1.3 times the CPU of 3 slides"),
    ]
    text = ("The ten most frequent hashtags of a sliding window. A slide has 100,000 lines of 11 words, with 131,000 "
            "hashtags, 14,600 of them different; two threads; the lines are read from files. Slides are computed as "
            "fast as possible, on a clock that is moved by hand; those before a window is full are left out. The "
            "result of every run for its last window was compared with a count in Python.")
    if settings.spark:
        rows.append(row(f"Spark, {kinds['merged']}, 31st slide on", 3, "Spark"))
        times = ratio(column(readings["beside Spark"], "klines/cpu-s"), column(readings["Spark"], "klines/cpu-s"))
        text += f" **Martlet counts {times} times as many lines in a second of CPU time as Spark.**"
    return Section(
        "Hashtags of a sliding window", text,
        ["program", "slides in a window", "M lines per CPU s", "CPU ms a slide", "ms a slide", "CPU against 3 slides",
         "goal"], rows,
        ["martlet-bench windows TWEETS --kind merged --window 3", "martlet-bench windows TWEETS --kind inverse --window 60",
         "WARM_UP=30 SLIDES=30 Benchmarks/peers/spark/run windows"], readings)


def state(settings):
    """The cost of a batch, and the memory of a key, with states for a million keys."""
    def once(operation, batches, checkpoint):
        with scratch() as folder:
            options = ["--checkpoint", folder / "checkpoint"] if checkpoint else []
            return run(MARTLET, "state", "--operation", operation, "--batches", batches, *options).last("state")

    goals = {
        ("mapWithState", True): "p50 5 ms, p99 20 ms, 100 bytes", ("mapWithState", False): "100 bytes",
        ("updateStateByKey", True): "p50 60 ms", ("updateStateByKey", False): "",
    }
    readings = interleaved(settings.rounds, {
        f"{operation}, {'with' if checkpoint else 'without'} a checkpoint":
            lambda operation=operation, checkpoint=checkpoint:
                once(operation, 200 if operation == "mapWithState" else 40, checkpoint)
        for operation, checkpoint in goals
    }, warm_up=False)
    rows = [
        [f"`{operation}`", "yes" if checkpoint else "no"]
        + [spread(column(lines, key)) for key in ("batch_p50_ms", "batch_p99_ms", "batch_max_ms", "resident_bytes_per_key")]
        + [goal]
        for ((operation, checkpoint), goal), lines in zip(goals.items(), readings.values())
    ]
    return Section(
        "A million keys of state",
        "A million keys, texts of 12 bytes, each with an `Int`; a batch has values for 10,000 of them, chosen at "
        "random; two "
        "threads. A batch is measured from its tick to its end, on a clock that is moved by hand, so that nothing waits "
        "for its time; 200 batches of `mapWithState`, 40 of `updateStateByKey`, which calls its function for every key. "
        "*Bytes a key* is the growth of the resident memory of the process when all keys are held. At the end, the "
        "sum of the states is compared with the values in the batches.",
        ["operation", "checkpoint", "p50 ms", "p99 ms", "max ms", "bytes a key", "goal"], rows,
        ["martlet-bench state --operation OPERATION --checkpoint DIR"], readings)


def checkpoint(settings):
    """The cost of a checkpoint for a batch that changes 10,000 of a million keys."""
    def once():
        with scratch() as folder:
            return run(MARTLET, "checkpoint", folder / "checkpoint").last("checkpoint")

    lines = [once() for _ in range(settings.rounds)]
    names = {
        "without_p50_ms": ("a batch without a checkpoint, p50 ms", ""),
        "with_p50_ms": ("a batch with a checkpoint, p50 ms", ""),
        "added_p50_ms": ("added by the checkpoint, p50 ms", ""),
        "added_p99_ms": ("added by the checkpoint, p99 ms", "6, if one fdatasync takes 0.5"),
        "added_max_ms": ("added by the checkpoint, max ms", ""),
        "syncs_p50": ("syncs in a batch, p50", "2"),
        "syncs": ("syncs in a batch, mean", ""),
        "syncs_max": ("syncs in a batch, max", ""),
        "in_syncs_p50_ms": ("time in syncs in a batch, p50 ms", ""),
        "in_syncs_p99_ms": ("time in syncs in a batch, p99 ms", ""),
        "logged_p50_kb": ("logged by a batch, p50 kB", ""),
        "logged_max_kb": ("logged by a batch, max kB", ""),
        "bare_p50_ms": ("one fdatasync of the same bytes alone, p50 ms", ""),
        "bare_p99_ms": ("one fdatasync of the same bytes alone, p99 ms", ""),
    }
    rows = [[name, spread(column(lines, key)), goal] for key, (name, goal) in names.items()]
    return Section(
        "The cost of a checkpoint for a batch",
        "`mapWithState` as above, twice in one process, with and without a checkpoint, which take turns at the same 300 "
        "batches: the difference of the two is the cost of the checkpoint. After each batch, as many bytes as it has "
        "logged are appended to a separate file, and synchronized with one `fdatasync`.",
        ["", "", "goal"], rows, ["martlet-bench checkpoint DIR"], {"Martlet": lines})


def restart(settings):
    """The time from the restart of a killed program to its first new result."""
    def once():
        with scratch() as folder:
            program = [MARTLET, "restart", folder / "checkpoint"]
            killed = run_and_kill("all-held", random.uniform(0.3, 0.6), *program)
            size = sum(file.stat().st_size for file in (folder / "checkpoint").iterdir()) / 1e6
            again = run(*program, "--batches", 150)
        total = again.last("restart")
        if total["new"] or total["wrong"]:
            raise Failed(f"after the kill, {total['new']} keys had no state, and {total['wrong']} results were wrong")
        return {
            "nothing_ms": killed.last("first-result")["arrived_sec"] * 1e3,
            "started_ms": again.last("started")["arrived_sec"] * 1e3,
            "first_ms": again.last("first-result")["arrived_sec"] * 1e3,
            "first_cpu_ms": again.last("first-result")["cpu_ms"],
            "caught_up_ms": again.last("caught-up")["arrived_sec"] * 1e3, "checkpoint_mb": size,
        }

    readings = {"Martlet": [once() for _ in range(settings.rounds)]}
    names = {
        "nothing_ms": ("first result of a program that begins from nothing, ms", ""),
        "started_ms": ("started again: `start()` has returned, ms", ""),
        "first_ms": ("started again: first new result, ms", "1,000, better 300"),
        "first_cpu_ms": ("started again: CPU time until then, ms", ""),
        "caught_up_ms": ("started again: missed batches are caught up, ms", ""),
        "checkpoint_mb": ("the checkpoint's size, MB", ""),
    }
    return Section(
        "Killed and started again",
        "A program with `mapWithState` over a million keys, batches 20 ms apart that change 10,000 keys each, two threads "
        "and a checkpoint, is killed with SIGKILL at a random time, 0.3 to 0.6 s after all keys are held, and started "
        "again. Times are from the start of the new process. The page cache is warm, as after the crash of a "
        "process; after the crash of a machine, the checkpoint must be read from the disk. Each result shows when "
        "its key last had its turn, so a batch that was lost or counted twice would show in the next 150 batches.",
        ["", "", "goal"],
        [[name, spread(column(readings["Martlet"], key)), goal] for key, (name, goal) in names.items()],
        ["martlet-bench restart DIR & sleep 3; kill -9 $!; martlet-bench restart DIR --batches 150"], readings)


def receiver_log(settings):
    """Word count of the lines of a socket, with the receiver's log and without."""
    facts, times = text_facts(), 3

    def ours(*options):
        output = run(WITH_FEEDER, "file", TEXT, times, "--", MARTLET, "socket", "--interval", 100, "--threads", 3,
                     "--words", facts["words"] * times, "--bytes", facts["bytes"] * times, *options)
        line, process = output.last("socket"), output.last("process")
        if line["words"] != facts["words"] * times:
            raise Failed(f"{line['words']:.0f} words were counted, not {facts['words'] * times}")
        return {**line, "cpu": process["cpu"], "peak_mb": process["peak_mb"]}

    def checkpointed(*options):
        with scratch() as folder:
            return ours("--checkpoint", folder / "checkpoint", *options)

    def disk():
        """Writes and synchronizes the bytes of the receiver, in pieces of 100 ms."""
        piece, left, began = bytes(32 << 20), facts["bytes"] * times, time.monotonic()
        with scratch() as folder, open(folder / "bytes", "wb", buffering=0) as file:
            while left > 0:
                left -= file.write(piece[:left])
                os.fdatasync(file)
        return {"MB/s": facts["bytes"] * times / 1e6 / (time.monotonic() - began)}

    readings = interleaved(settings.rounds, {
        "no checkpoint": ours, "log off": lambda: checkpointed("--without-log"), "log on": checkpointed, "disk": disk,
    }, warm_up=False)

    def row(name, label):
        lines = readings[label]
        return [name] + [spread(column(lines, key)) for key in ("MB/s", "cpu", "peak_mb")]

    rows = [row("no checkpoint", "no checkpoint"), row("checkpoint, log off", "log off"),
            row("checkpoint, log on", "log on"),
            ["the disk alone, a sync every 34 MB", spread(column(readings["disk"], "MB/s")), "", ""]]
    speed = ratio(column(readings["log on"], "MB/s"), column(readings["log off"], "MB/s"))
    cost = ratio(column(readings["log on"], "cpu"), column(readings["log off"], "cpu"))
    return Section(
        "The receiver's log",
        f"The text through loopback TCP, {times} times over, as in *Word count from a socket*, with a checkpoint and the "
        f"receiver's log, which writes all received bytes to the disk before they are counted. **With the log, words are "
        f"counted at {speed} of the speed without, for {cost} times the CPU time.**",
        ["receiver", "MB/s", "CPU s", "peak memory MB"], rows,
        ["Benchmarks/peers/net/with-feeder file zipf.txt 3 -- martlet-bench socket --words N --bytes N --checkpoint DIR "
         "[--without-log]"], readings)


GROUPS = {
    "windows": windows, "state": state, "checkpoint": checkpoint, "restart": restart, "receiver-log": receiver_log,
}

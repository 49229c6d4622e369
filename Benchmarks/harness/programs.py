"""The programs that are measured: where they are, how they are built and run, and what their output says."""
import os
import resource
import shlex
import subprocess
import sys
import time
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
PEERS = BENCHMARKS / "peers"
CACHE = Path(
    os.environ.get("BENCH_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "martlet-bench"
)
TEXT = CACHE / "text" / "zipf.txt"
LIMIT = CACHE / "peers" / "bin" / "word_count"
LIMIT_SSE2 = CACHE / "peers" / "bin" / "word_count_sse2"
LIMIT_PREFETCHING = CACHE / "peers" / "bin" / "word_count_prefetching"
DRAIN = CACHE / "peers" / "bin" / "drain"
PRODUCTS = BENCHMARKS / ".build" / "release"
WORD_COUNT = PRODUCTS / "wordcount-bench"
MARTLET = PRODUCTS / "martlet-bench"
SPARK = PEERS / "spark" / "run"
WITH_FEEDER = PEERS / "net" / "with-feeder"


class Failed(Exception):
    """A program that did not end well, or did not print what it should."""


def build(spark):
    """Builds what is missing, and Martlet in any case."""
    jobs = os.environ.get("BENCH_JOBS")
    command = ["swift", "build", "--package-path", str(BENCHMARKS), "-c", "release"]
    subprocess.run(command + (["-j", jobs] if jobs else []), check=True)
    subprocess.run([PEERS / "setup"] + ([] if spark else ["--without-spark"]), check=True)
    if not TEXT.with_suffix(".env").exists():
        subprocess.run([PEERS / "generator" / "make-data"], check=True)


def text_facts():
    """The generated text's bytes, lines, words and distinct words."""
    pairs = (line.split("=") for line in TEXT.with_suffix(".env").read_text().split())
    return {key.removeprefix("text_"): int(value) for key, value in pairs}


def value_of(text):
    try:
        return float(text)
    except ValueError:
        return text


class Output(list):
    """The lines a program printed, as (name or "", {key: value}).

    `cpu_sec` is the CPU time of the program and all that it waited for.
    """

    cpu_sec = 0.0

    def all(self, name):
        return [pairs for line_name, pairs in self if line_name == name]

    def last(self, name=""):
        found = self.all(name)
        if not found:
            raise Failed(f"no line named '{name}' was printed")
        return found[-1]


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(*command, **environment):
    """Runs a program to its end and reads its lines.

    Each line gets the key `arrived_sec`: when it came, in seconds since the program was started.
    """
    words = [str(word) for word in command]
    settings = {key: str(value) for key, value in environment.items()}
    print("  $", shlex.join([f"{key}={value}" for key, value in settings.items()] + words), file=sys.stderr)
    output, began, cpu_before = Output(), time.monotonic(), children_cpu()
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, bufsize=1, env={**os.environ, **settings}
    ) as process:
        for line in process.stdout:
            fields = line.split()
            name = "" if not fields or "=" in fields[0] else fields.pop(0)
            pairs = {k: value_of(v) for k, _, v in (field.partition("=") for field in fields)}
            output.append((name, {**pairs, "arrived_sec": time.monotonic() - began}))
    if process.returncode != 0:
        raise Failed(f"exit status {process.returncode} of {shlex.join(words)}")
    output.cpu_sec = children_cpu() - cpu_before
    return output

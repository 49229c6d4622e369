"""The measured programs: their paths, their build and their runs, and their output."""
import os
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
PEERS = BENCHMARKS / "peers"
CACHE = Path(
    os.environ.get("BENCH_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "martlet-bench"
)
TEXT = CACHE / "text" / "zipf.txt"
TWEETS = CACHE / "tweets"
BIDS = CACHE / "bids"
LIMIT = CACHE / "peers" / "bin" / "word_count"
LIMIT_SSE2 = CACHE / "peers" / "bin" / "word_count_sse2"
LIMIT_PREFETCHING = CACHE / "peers" / "bin" / "word_count_prefetching"
DRAIN = CACHE / "peers" / "bin" / "drain"
PRODUCTS = BENCHMARKS / ".build" / "release"
WORD_COUNT = PRODUCTS / "wordcount-bench"
MARTLET = PRODUCTS / "martlet-bench"
SQL = PRODUCTS / "sql-bench"
SPARK = PEERS / "spark" / "run"
DUCKDB = (CACHE / "venv" / "duckdb" / "bin" / "python", PEERS / "duckdb" / "bids.py")
WITH_FEEDER = PEERS / "net" / "with-feeder"


class Failed(Exception):
    """A program that failed, or did not print the expected lines."""


def build(spark):
    """Builds the missing programs, and always Martlet."""
    jobs = os.environ.get("BENCH_JOBS")
    command = ["swift", "build", "--package-path", str(BENCHMARKS), "-c", "release"]
    subprocess.run(command + (["-j", jobs] if jobs else []), check=True)
    subprocess.run([PEERS / "setup"] + ([] if spark else ["--without-spark"]), check=True)
    if not TEXT.with_suffix(".env").exists():
        subprocess.run([PEERS / "generator" / "make-data"], check=True)
    if not TWEETS.with_suffix(".env").exists():
        subprocess.run([PEERS / "generator" / "make-tweets"], check=True)
    if not BIDS.with_suffix(".env").exists():
        subprocess.run([PEERS / "generator" / "make-bids"], check=True)


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

    `cpu_sec` is the CPU time of the program and of its finished children.
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


@contextmanager
def scratch():
    """A folder on the disk of the cache, removed afterwards."""
    parent = CACHE / "scratch"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def started(command, environment):
    words = [str(word) for word in command]
    settings = {key: str(value) for key, value in environment.items()}
    print("  $", shlex.join([f"{key}={value}" for key, value in settings.items()] + words), file=sys.stderr)
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, bufsize=1, env={**os.environ, **settings})


def lines_of(process, began):
    """The lines that a process prints, as they come: (name, pairs)."""
    for line in process.stdout:
        fields = line.split()
        name = "" if not fields or "=" in fields[0] else fields.pop(0)
        pairs = {k: value_of(v) for k, _, v in (field.partition("=") for field in fields)}
        yield name, {**pairs, "arrived_sec": time.monotonic() - began}


def run(*command, **environment):
    """Runs a program to its end and reads its lines.

    Each line gets the key `arrived_sec`: the seconds from the start of the program to its arrival.
    """
    began, cpu_before = time.monotonic(), children_cpu()
    with started(command, environment) as process:
        output = Output(lines_of(process, began))
    if process.returncode != 0:
        raise Failed(f"exit status {process.returncode} of {shlex.join(map(str, command))}")
    output.cpu_sec = children_cpu() - cpu_before
    return output


def run_and_kill(name, seconds, *command):
    """Runs a program, and kills it (SIGKILL) `seconds` after it has printed the line of this name."""
    began, output = time.monotonic(), Output()
    with started(command, {}) as process:
        for line in lines_of(process, began):
            output.append(line)
            if line[0] == name:
                time.sleep(seconds)
                process.kill()
    if process.returncode != -signal.SIGKILL:
        raise Failed(f"exit status {process.returncode} of {shlex.join(map(str, command))}, which should have been killed")
    return output

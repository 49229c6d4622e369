# Sourced by the scripts of this folder: paths and common functions. Needs bash.
# BENCH_CACHE is the folder of everything that is not source.
PEERS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
BENCH_CACHE="${BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet-bench}"
export BENCH_CACHE LC_ALL=C.UTF-8  # one number format everywhere

BIN="$BENCH_CACHE/peers/bin"          # compiled C programs
CLASSES="$BENCH_CACHE/peers/classes"  # compiled Java programs
TEXT="$BENCH_CACHE/text"              # generated text
TWEETS="$BENCH_CACHE/tweets"          # generated lines with hashtags
BIDS="$BENCH_CACHE/bids"              # generated bids, in three formats
DUCKDB="$BENCH_CACHE/venv/duckdb"     # a Python environment, with DuckDB's client
SPARK="$BENCH_CACHE/venv/spark"       # a Python environment, for Spark's jars

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# need PATH SCRIPT: stops unless PATH, which SCRIPT makes, exists.
need() { [ -e "$1" ] || fail "$1 is missing; run $PEERS/$2 first"; }

# A folder for this run, removed when the script ends.
SCRATCH=
make_scratch() {
  mkdir -p "$BENCH_CACHE/scratch"
  SCRATCH="$(mktemp -d "$BENCH_CACHE/scratch/run.XXXXXX")"
  trap remove_scratch EXIT
}
remove_scratch() { [ -z "$SCRATCH" ] || rm -rf "$SCRATCH"; }

spark_jars() { echo "$SPARK"/lib/python3*/site-packages/pyspark/jars; }

// Counts the words of the files that are moved into a folder, batch by batch, and writes the counts to PostgreSQL: each
// exactly once, whenever the program is killed and started again.
//   swift run -c release exactly-once-postgres in checkpoint "host=localhost dbname=test"
// The client library of PostgreSQL (Debian and Ubuntu: libpq5) is loaded when the program starts.
//
// Why exactly once: after a crash, a batch that was not done is run again with the same records and the same time. The rows
// of a partition are written in one transaction with a note of the batch's time and the partition's number. If the note
// is there already, so are the rows.

import ExampleSupport
import Martlet

let options = ExampleOptions("exactly-once-postgres FOLDER CHECKPOINT_FOLDER CONNECTION")
let folder = options.argument(0, "FOLDER")
let checkpoint = options.argument(1, "CHECKPOINT_FOLDER")
let connection = options.argument(2, "CONNECTION")

let postgres = exitOnError {
  let postgres = try PostgreSQL()
  try postgres.connect(connection) { database in
    // Notes older than the last batches are not needed any more, and may be deleted.
    try database.execute(
      "CREATE TABLE IF NOT EXISTS batches (batch_time bigint, partition int, PRIMARY KEY (batch_time, partition))")
    try database.execute("CREATE TABLE IF NOT EXISTS word_counts (batch_time bigint, word text, count bigint)")
  }
  return postgres
}

let ssc = StreamingContext.getOrCreate(checkpoint) {
  let ssc = StreamingContext(
    master: options.master(), appName: "ExactlyOncePostgres", batchInterval: options.batchInterval)
  let words = ssc.textFileStream(folder, newFilesOnly: false).flatMap { $0.split(separator: " ") }
  // A given number of partitions: a word is in the same one when the batch is run again, also by other threads.
  let wordCounts = words.map { ($0, 1) }.reduceByKey(+, 3)
  wordCounts.foreachRDD { rdd, time in
    try rdd.foreachPartition { counts in
      let partition = TaskContext.current?.partitionID ?? 0
      let rows = Array(counts)
      guard !rows.isEmpty else { return }
      try postgres.connect(connection) { database in
        try database.execute("BEGIN")
        let isNew = try database.execute(
          "INSERT INTO batches VALUES ($1, $2) ON CONFLICT DO NOTHING", "\(time.milliseconds)", "\(partition)")
        if isNew == 1 {
          for (word, count) in rows {
            try database.execute(
              "INSERT INTO word_counts VALUES ($1, $2, $3)", "\(time.milliseconds)", "\(word)", "\(count)")
          }
        }
        try database.execute("COMMIT")
      }
    }
  }
  return ssc
}

await ssc.runExample(options)

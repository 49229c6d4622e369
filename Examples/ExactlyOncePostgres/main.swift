// Counts the words of the files that are moved into a folder, batch by batch, and writes the counts to PostgreSQL: each
// exactly once, even if the program is killed and started again.
//   swift run -c release exactly-once-postgres in checkpoint jdbc:postgresql://localhost/test
// The client library of PostgreSQL (Debian and Ubuntu: libpq5) is loaded when the program starts.
//
// Why exactly once: after a crash, an incomplete batch runs again with the same records and the same time. The sink
// writes the rows of a partition in one transaction with a note of the batch's time and the partition's number. If the
// note already exists, so do the rows.

import ExampleSupport
import Martlet
import MartletDatabases

let options = ExampleOptions("exactly-once-postgres FOLDER CHECKPOINT_FOLDER URL")
let folder = options.argument(0, "FOLDER")
let checkpoint = options.argument(1, "CHECKPOINT_FOLDER")
let url = options.argument(2, "URL")

let table: DatabaseSink<(Time, Text, Int)> = exitOnError {
  let database = try Database(url)
  try database.execute("CREATE TABLE IF NOT EXISTS word_counts (batch_time timestamptz, word text, count bigint)")
  return try DatabaseSink(database, table: "word_counts", columns: "batch_time", "word", "count")
}

let ssc = StreamingContext.getOrCreate(checkpoint) {
  let ssc = StreamingContext(
    master: options.master(), appName: "ExactlyOncePostgres", batchInterval: options.batchInterval)
  let words = ssc.textFileStream(folder, newFilesOnly: false).flatMap { $0.split(separator: " ") }
  // A fixed number of partitions: a word is in the same partition when the batch runs again, also with another number
  // of threads.
  let wordCounts = words.map { ($0, 1) }.reduceByKey(+, 3)
  wordCounts.transform { counts, time in counts.map { (time, $0.0, $0.1) } }.write(to: table, byPartition: true)
  return ssc
}

await ssc.runExample(options)

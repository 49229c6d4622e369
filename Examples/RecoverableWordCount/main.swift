// Counts the words of all files that are moved into a folder, across restarts: the program can be killed at any moment,
// and continues where it was when it is started again.
//   swift run -c release recoverable-wordcount --input in --checkpoint checkpoint --output out/totals
// Each batch writes a folder out/totals-TIME_IN_MS with the total of every word so far. The folder appears once, and
// complete.

import ExampleSupport
import Martlet

let options = ExampleOptions(
  """
  recoverable-wordcount --input DIR --checkpoint DIR --output PREFIX
    --input DIR             the folder into which files are moved
    --checkpoint DIR        what the program needs to go on is kept here; another folder begins from nothing
    --output PREFIX         the totals after each batch go to a folder PREFIX-TIME_IN_MS
  """, options: ["--input", "--checkpoint", "--output"])
let input = options.required("--input")
let checkpoint = options.required("--checkpoint")
let output = options.required("--output")

let ssc = StreamingContext.getOrCreate(checkpoint) {
  let ssc = StreamingContext(
    master: options.master(), appName: "RecoverableWordCount", batchInterval: options.batchInterval)
  // Also the files that exist before the first start: no file is too old to be counted.
  let lines = ssc.textFileStream(input, newFilesOnly: false)
  let pairs = lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }
  let totals = pairs.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
  totals.saveAsTextFiles(output)
  return ssc
}

await ssc.runExample(options)

// Counts the words of the files that appear in a folder.
//   swift run -c release folder-wordcount /tmp/incoming
// Then move text files into the folder.

import ExampleSupport
import Martlet

let options = ExampleOptions("folder-wordcount FOLDER")
let folder = options.argument(0, "FOLDER")

let ssc = StreamingContext(
  master: options.master(), appName: "FolderWordCount", batchInterval: options.batchInterval)
let lines = ssc.textFileStream(folder)
let wordCounts = lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+)
wordCounts.pprint()

await ssc.runExample(options)

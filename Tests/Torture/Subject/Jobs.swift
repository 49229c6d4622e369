import MartletTorture
import Martlet
import MartletTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes an RDD of two partitions.
func save(to path: String, in folder: String) throws {
  let sc = MartletContext(master: "local[1]", appName: "save")
  try sc.parallelize(0..<2000, 2).saveAsTextFile(path)
  mark("saved", in: folder)
  print("saved")
}

/// Writes an RDD of many bytes, as lines or as objects.
func saveLarge(to path: String, asObjects: Bool) throws {
  let numbers = MartletContext(master: "local[3]", appName: "save").parallelize(0..<500_000, 3)
  if asObjects { try numbers.saveAsObjectFile(path) } else { try numbers.saveAsTextFile(path) }
}

/// A context with very little memory, and a folder for spilled data.
private func narrowContext(_ folder: String) -> MartletContext {
  MartletContext(
    conf: MartletConf().setMaster("local[3]").setAppName("spill").set(MartletConf.Key.localDirectory, folder)
      .set(MartletConf.Key.taskMemoryBytes, "10000").set(MartletConf.Key.memoryBytes, "0"))
}

/// Adds up pairs that exceed the memory.
func spill(in folder: String) throws {
  let pairs = narrowContext(folder).parallelize(0..<200_000, 3).map { (Text("a long key, number \($0)"), 1) }
  print(try pairs.reduceByKey(+).count())
}

/// Caches elements that exceed the memory, and counts them twice.
func cache(in folder: String) throws {
  for level in [StorageLevel.memoryAndDisk, .diskOnly] {
    let kept = narrowContext(folder).parallelize(0..<200_000, 3).persist(level)
    for _ in 0..<2 { print(try kept.count()) }
  }
}

/// Pipes elements through a program that fails, where the system does not retain the status of programs.
func pipeWithoutStatus() throws {
  signal(SIGCHLD, SIG_IGN)
  let numbers = MartletContext(master: "local[1]", appName: "pipe").parallelize(["x"], 1)
  print(try numbers.pipe(["sh", "-c", "echo a; exit 3"]).collect())
}

/// Saves three batches, and marks the time of each completed one.
func streamBatches(to prefix: String, in folder: String) throws {
  let test = TestStreamingContext(master: "local[1]")
  test.stream([["a"], ["b", "c"], []] as [[Text]]).saveAsTextFiles(prefix)
  try test.start()
  for _ in 0..<3 { mark("\(try test.runBatch().milliseconds)", in: folder) }
  test.stop()
}

/// Saves the lines of the files `1`, `2` … of a folder, one file for each batch, with a checkpoint to continue from.
/// Marks the time of each completed batch.
///
/// - Parameter start: the initial time of the clock, in seconds.
func recover(from input: String, at start: Int, in folder: String) throws {
  let test = TestStreamingContext(
    conf: MartletConf().setMaster("local[1]").setAppName("recover").set(FileStreamSetting.settleKey, "0"))
  let clock = test.clock
  clock.advance(by: .seconds(start))
  test.context.checkpoint("\(folder)/checkpoint")
  test.context.fileStream(
    input,
    filter: { path in
      guard let number = Int(path.split(separator: "/").last ?? "") else { return false }
      return number * 1000 <= clock.now.milliseconds
    }, newFilesOnly: false
  ) { sc, paths in sc.textFile(paths) }
  .saveAsTextFiles("\(folder)/out/batch")
  try test.start()
  for _ in 0..<5 { mark("\(try test.runBatch().milliseconds)", in: folder) }
  test.stop()
}

/// Saves the lines of the files that come into a folder; runs a batch for each line of standard input.
func stream(from input: String, to output: String, in folder: String) async throws {
  let conf = MartletConf().setMaster("local[1]").setAppName("stream").set(FileStreamSetting.settleKey, "0")
  let test = TestStreamingContext(conf: conf)
  test.context.textFileStream(input).saveAsTextFiles("\(output)/batch")
  try test.start()
  say("started")
  while readLine() != nil {
    do {
      let time = try test.runBatch()
      for info in test.events.completedBatches.last?.streamIDToInputInfo.values.compactMap(\.metadataDescription) ?? []
      {
        say("told: \(info)")
      }
      say("done \(time.milliseconds)")
    } catch {
      say("batch failed: \(error)")
      // A batch that fails stops the context.
      try await test.context.awaitTermination()
    }
  }
  test.stop()
}

/// Prints a line that the test can read at once.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

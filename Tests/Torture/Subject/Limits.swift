import MartletTorture
import Martlet
import MartletCore
import MartletRDD
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Prints the resources that the process may use.
func tellLimits() {
  let sc = MartletContext(appName: "limits")
  say("threads \(sc.threads) memory \(MachineLimits.current.memory)")
  sc.stop()
}

/// Caches more than the memory of the container.
func keepLarge(in folder: String) throws {
  let sc = MartletContext(
    conf: MartletConf().setMaster("local[2]").set(MartletConf.Key.localDirectory, "\(folder)/spill"))
  let megabytes = sc.parallelize(0..<400, 64).map { _ in [UInt8](repeating: 0, count: 1 << 20) }
    .persist(.memoryAndDisk)
  for _ in 0..<2 { say("kept \(try megabytes.count())") }
}

#if os(Linux)
  /// Runs until its end is requested, at a time at which the system starts no more threads.
  func runOutOfThreads() async throws {
    let ssc = StreamingContext(master: "local[2]", appName: "threads", batchInterval: .milliseconds(20))
    let queue = RDDQueue<Int>()
    let sum = Mutex(0)
    let batches = Mutex(0)
    ssc.queueStream(queue, oneAtATime: false).foreachRDD { (rdd: RDD<Int>) in
      let batch = try rdd.collect().reduce(0, +)
      sum.withLock { $0 += batch }
      let number = batches.withLock { batches in
        batches += 1
        return batches
      }
      guard number == 3 else { return }
      try exhaustThreads()
      queue.append(ssc.sparkContext.parallelize([40, 2], 2))
      kill(getpid(), SIGTERM)
    }
    let report = try await ssc.run()
    say("sum \(sum.withLock { $0 }), unfinished \(report.unfinished == nil ? "nothing" : "something")")
  }

  /// Starts threads until the limit is reached. They do not end.
  private func exhaustThreads() throws {
    // A little more than the present use: not enough for the stack of a thread.
    let status = try String(decoding: readFile("/proc/self/status"), as: UTF8.self)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmSize:") }),
      let used = line.split(separator: " ").compactMap({ UInt($0) }).first
    else { throw TortureError("No VmSize in /proc/self/status.") }
    var limit = rlimit(rlim_cur: rlim_t(used << 10 + 6 << 20), rlim_max: rlim_t(used << 10 + 6 << 20))
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
      throw TortureError("setrlimit: errno \(errno)")
    }
    let never = Condition()
    while true {
      do {
        _ = try WorkerThread(starting: "idle") {
          never.withLock { while true { never.wait() } }
        }
      } catch {
        return say("refused: \(error)")
      }
    }
  }
#endif

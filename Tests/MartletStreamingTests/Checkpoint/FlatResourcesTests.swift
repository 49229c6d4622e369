#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// True if tests of size run in full: with `MARTLET_SCALE=full` in the environment, in a build for release.
let fullScale = getenv("MARTLET_SCALE").map { String(cString: $0) } == "full"

/// The present memory of this process; on systems other than Linux, its peak.
func residentBytes() -> Int {
  #if os(Linux)
    // Pages: all, and those in memory.
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  #else
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}

@Suite(.timeLimit(.minutes(60))) struct FlatResourcesTests {
  /// A million of them with `MARTLET_SCALE=full`.
  @Test func `memory, descriptors and the checkpoint do not grow with the number of batches`() throws {
    let batches = fullScale ? 1_000_000 : 4_000
    // In memory where possible: the test does not measure the disk.
    let memoryDisk = "/dev/shm"
    let parent = FileManager.default.isWritableFile(atPath: memoryDisk) ? memoryDisk : NSTemporaryDirectory()
    let folder = "\(parent)/martlet-flat-\(randomName())"
    try Folder.create(folder)
    defer { try? Folder.remove(folder) }
    let test = recoverable(folder, segmentBytes: 16 << 10)
    test.context.removeStreamingListener(test.events)
    let numbers = test.stream(of: Int.self)
    let pairs = numbers.map { ($0, 1) }
    pairs.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      .foreachRDD { (rdd: RDD<(Int, Int)>) in _ = try rdd.count() }
    pairs.reduceByKeyAndWindow({ $0 + $1 }, { $0 - $1 }, .seconds(5), .seconds(1))
      .foreachRDD { (rdd: RDD<(Int, Int)>) in _ = try rdd.count() }
    try test.start()
    func run(_ count: Int) throws {
      for n in 0..<count {
        numbers.push([n % 100, n % 7])
        try test.runBatch()
      }
    }
    func checkpointBytes() throws -> Int {
      try Folder.names("\(folder)/checkpoint").reduce(0) { sum, name in
        try sum + SystemFile.read("\(folder)/checkpoint/\(name)").size()
      }
    }
    func descriptors() -> Int { (0..<Int32(4096)).count { fcntl($0, F_GETFD) >= 0 } }
    try run(batches / 4)
    let (memory, files) = (residentBytes(), descriptors())
    var largest = 0
    for _ in 0..<10 {
      try run(batches * 3 / 40)
      largest = max(largest, try checkpointBytes())
    }
    #expect(largest > 0 && largest < 200 << 10, "\(largest) bytes")
    #expect(try Folder.names("\(folder)/checkpoint").count < 8)
    // Other tests run in this process at the same time, so these are bounds for a leak, not for a measurement.
    #expect(memory > 0 && files > 0)
    #expect(descriptors() - files < 100)
    #expect(residentBytes() - memory < 200 << 20)
    if fullScale {
      print(
        """
        \(batches) batches: the checkpoint has at most \(largest) bytes; after a quarter of them, memory grew by \
        \(residentBytes() - memory) bytes and descriptors by \(descriptors() - files)
        """)
    }
    test.stop()
  }

  /// Five gigabytes of them with `MARTLET_SCALE=full`.
  @Test(.timeLimit(.minutes(30)))
  func `a window over one line in a thousand takes no memory for the others`() throws {
    let batches = fullScale ? 640 : 60
    let server = LoopbackServer()
    let test = TestStreamingContext(conf: MartletConf().setMaster("local[2]"))
    defer { test.stop() }
    test.context.removeStreamingListener(test.events)
    let rare = test.context.socketTextStream("127.0.0.1", server.port).filter { $0.hasPrefix("rare") }
    let counts = test.output(of: rare.window(.seconds(100_000)).count())
    try test.start()
    let peer = server.accept()
    let common = String(repeating: "common ", count: 140) + "\n"
    let block = Array((String(repeating: common, count: 999) + "rare\n").utf8)
    func run(_ count: Int) throws {
      for _ in 0..<count {
        let before = test.context.progress.records
        for _ in 0..<8 { peer.send(block) }
        try test.runBatches { test.context.progress.records == before + 8000 }
      }
    }
    try run(batches / 6)
    let memory = residentBytes()
    try run(batches - batches / 6)
    #expect(counts.batches.last == [batches * 8])
    // The records since then take 400 MB. Other tests run in this process at the same time.
    #expect(residentBytes() - memory < 200 << 20, "\(residentBytes() - memory) bytes")
  }
}

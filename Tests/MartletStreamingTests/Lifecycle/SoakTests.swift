#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct SoakTests {
  @Test func `20,000 batches leave nothing behind`() throws {
    let test = TestStreamingContext(conf: MartletConf().setMaster("local[2]"))
    test.context.removeStreamingListener(test.events)
    let numbers = test.stream(of: Int.self)
    let counts = numbers.map { ($0 % 3, 1) }.reduceByKey(+).cache()
    let kept = Observed()
    counts.foreachRDD { (rdd: RDD<(Int, Int)>) in
      kept.note(rdd)
      _ = try rdd.collect()
    }
    counts.foreachRDD { (rdd: RDD<(Int, Int)>) in _ = try rdd.count() }
    try test.start()
    func run(_ batches: Int) throws {
      for n in 0..<batches {
        if n % 10 == 0 { numbers.push(Array(0..<10)) } else { numbers.push([]) }
        try test.runBatch()
      }
    }
    try run(2000)
    let descriptors = openDescriptors()
    let memory = residentBytes()
    try run(18_000)
    #expect(kept.alive <= 3)
    #expect(numbers.waiting == 0)
    #expect(test.context.progress.batches == 20_000)
    // Other tests run in this process at the same time, so these are bounds for a leak, not for a measurement.
    #expect(openDescriptors() - descriptors < 100)
    #expect(residentBytes() - memory < 200 << 20)
    test.stop()
    #expect(kept.alive <= 2)
  }

  /// RDDs, held weakly.
  private final class Observed: @unchecked Sendable {
    private struct Weak { weak var object: AnyObject? }
    private var objects: [Weak] = []

    /// Called by one thread, which runs the batches.
    func note(_ object: AnyObject) { objects.append(Weak(object: object)) }

    /// The RDDs that are alive. Empty batches share one, which counts once.
    var alive: Int { Set(objects.compactMap { $0.object.map(ObjectIdentifier.init) }).count }
  }

  private func openDescriptors() -> Int {
    (0..<Int32(4096)).count { fcntl($0, F_GETFD) >= 0 }
  }

  private func residentBytes() -> Int {
    var usage = rusage()
    // RUSAGE_SELF, whose type differs from system to system.
    getrusage(0, &usage)
    #if canImport(Darwin)
      return usage.ru_maxrss
    #else
      return usage.ru_maxrss * 1024
    #endif
  }
}

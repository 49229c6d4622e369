import Foundation
import MartletRDD
import MartletSQL
import Synchronization
import Testing

/// The names of the threads that have called `note()`, and the largest number of calls of `during` at one time.
private final class CallingThreads: Sendable {
  private let state = Mutex((names: Set<String>(), now: 0, most: 0))
  var names: Set<String> { state.withLock { $0.names } }
  var most: Int { state.withLock { $0.most } }

  func during<Result>(_ body: () -> Result) -> Result {
    let name = currentThreadName
    state.withLock { state in
      state.names.insert(name)
      state.now += 1
      state.most = max(state.most, state.now)
    }
    defer { state.withLock { $0.now -= 1 } }
    return body()
  }
}

private var currentThreadName: String {
  #if os(Linux)
    (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
  #else
    Thread.current.name ?? ""
  #endif
}

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct ThreadSharingTests {
  /// A session whose function `noted` is slow enough for other threads to join in.
  private func session(threads: Int) throws -> (SparkSession, CallingThreads) {
    let spark = try SparkSession(MartletContext(master: "local[\(threads)]", appName: "test"))
    let calls = CallingThreads()
    try spark.udf.register("noted") { (number: Int) -> Int in
      calls.during { (0..<100).reduce(number) { ($0 &* 31 &+ $1) & 0xffff } }
    }
    try spark.range(300_000).cache().createOrReplaceTempView("numbers")
    return (spark, calls)
  }

  @Test func `a query runs on the context's threads and the caller's, and on no others`() throws {
    let (spark, calls) = try session(threads: 3)
    let row: Row = try spark.sql("SELECT count(noted(id)) FROM numbers").first()
    #expect(row == Row(300_000))
    let workers = calls.names.filter { $0.hasPrefix("martlet-task-") }
    #expect(workers.count <= 2 && !workers.isEmpty)
    #expect(calls.names.count <= workers.count + 1, "\(calls.names)")
    #expect(calls.most <= 3)
  }

  @Test func `with one thread, a query runs on the caller's`() throws {
    let (spark, calls) = try session(threads: 1)
    let row: Row = try spark.sql("SELECT count(noted(id)) FROM numbers").first()
    #expect(row == Row(300_000))
    #expect(calls.names.count == 1 && calls.most == 1)
  }

  @Test func `a query and a job at the same time both end`() async throws {
    let (spark, calls) = try session(threads: 2)
    async let counted: Row = spark.sql("SELECT count(noted(id)) FROM numbers").first()
    let sum = try spark.sparkContext.range(0, 2_000_000, numSlices: 8).map { $0 & 1 }.reduce(+)
    #expect(sum == 1_000_000)
    #expect(try await counted == Row(300_000))
    #expect(calls.names.filter { $0.hasPrefix("martlet-task-") }.count <= 1)
  }
}

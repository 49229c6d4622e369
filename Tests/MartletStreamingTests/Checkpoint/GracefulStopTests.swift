import Foundation
import MartletCore
import MartletLog
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct GracefulStopTests {
  /// A folder in which three batches have begun and none is complete.
  private static func interrupted(_ root: String) throws -> ProgramFolder {
    let folder = try ProgramFolder("\(root)/run")
    let planned = Condition()
    let plans = Atomic(0)
    let test = recoverable(folder.path) { step in
      planned.withLock {
        if step == .planLogged, plans.add(1, ordering: .relaxed).newValue == 3 {
          folder.takeImage("three batches planned")
          planned.broadcast()
        }
        // The first batch waits until the others are planned.
        while step == .outputsBegun, plans.load(ordering: .relaxed) < 3 { planned.wait() }
      }
    }
    Self.program(folder.path, test)
    try test.start()
    try folder.add("a", "1\n2\n")
    test.clock.advance(by: .seconds(3))
    try test.context.waitUntilCompleted(Time(milliseconds: 3000))
    test.stop()
    try folder.restore(try #require(folder.takeImages().first).path)
    return folder
  }

  private static func program(_ folder: String, _ test: TestStreamingContext) {
    test.context.textFileStream("\(folder)/in").map { "\($0)" }.saveAsTextFiles("\(folder)/out/batch")
  }

  @Test func `a graceful stop also completes batches that began before a restart`() throws {
    try withTemporaryFolder { root in
      let folder = try Self.interrupted(root)
      let context = Mutex<TestStreamingContext?>(nil)
      let plans = Atomic(0)
      let test = recoverable(folder.path, at: Time(milliseconds: 3000)) { step in
        guard step == .planWritten, plans.add(1, ordering: .relaxed).newValue == 1 else { return }
        guard let test = context.withLock({ $0 }) else { return }
        test.context.requestStop(gracefully: true)
        // The stop has begun when it interrupts the clock.
        _ = test.clock.wait(until: Time(milliseconds: .max / 1_000_000))
      }
      context.withLock { $0 = test }
      Self.program(folder.path, test)
      try test.start()
      test.stop(gracefully: true)
      context.withLock { $0 = nil }
      #expect(try folder.output() == ["batch-1000": ["1", "2"], "batch-2000": [], "batch-3000": []])
      let log = try #require(try RecoveredCheckpoint(try LogFolder.observe("\(folder.path)/checkpoint")))
      #expect(log.pending.isEmpty && log.wasStopped)
    }
  }

  #if os(Linux)
    @Test func `a stop releases the folder although a starting process has its lock open`() throws {
      try withTemporaryFolder { root in
        let folder = try ProgramFolder("\(root)/run")
        let first = recoverable(folder.path)
        Self.program(folder.path, first)
        try first.start()
        // The effect of a fork.
        let lock = try #require(
          FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").first {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
              == "\(folder.path)/checkpoint/lock"
          }.flatMap { Int32($0) })
        let copy = dup(lock)
        defer { close(copy) }
        first.stop()
        let second = recoverable(folder.path)
        Self.program(folder.path, second)
        try second.start()
        second.stop()
      }
    }
  #endif
}

import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct FileProgressTests {
  /// A batch is made while the one before ends and cuts the log.
  @Test func `progress never includes a file whose plan has not been taken, also while a batch is being made`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let test = recoverable(folder.path)
      let stream = test.context.textFileStream("\(folder.path)/in")
      stream.foreachRDD { _ in }
      let input = try #require(stream as? any RecoverableInput)
      try input.keepPlans(InputLog(folder: "\(folder.path)/input", epoch: 1))
      stream.initialize(zeroTime: Time(milliseconds: 0))
      for number in 0..<300 { try folder.add("old-\(number)", "") }
      let isOver = Atomic(false)
      let early = Mutex<Set<String>>([])
      let log = WorkerThread(name: "log") {
        var planned: Set<String> = []
        while !isOver.load(ordering: .relaxed) {
          let progress = (try? decodedFiles(input.progress().bytes)) ?? []
          let unknown = Set(progress.map(\.path)).subtracting(planned)
          early.withLock { $0.formUnion(unknown) }
          for plan in input.takePlans() {
            for file in (try? decodedFiles(plan.bytes.bytes)) ?? [] { planned.insert(file.path) }
          }
        }
      }
      for number in 1...200 {
        try folder.add("new-\(number)", "")
        _ = try stream.compute(Time(milliseconds: number * 1000))
      }
      isOver.store(true, ordering: .relaxed)
      log.join()
      #expect(early.withLock { $0 }.isEmpty)
    }
  }
}

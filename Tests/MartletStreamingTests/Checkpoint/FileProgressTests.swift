import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct FileProgressTests {
  private struct Input {
    let stream: DStream<Text>
    let recoverable: any RecoverableInput
    let folder: ProgramFolder

    init(_ folder: ProgramFolder) throws {
      self.folder = folder
      let test = MartletStreamingTests.recoverable(folder.path)
      stream = test.context.textFileStream("\(folder.path)/in")
      stream.foreachRDD { _ in }
      recoverable = try #require(stream as? any RecoverableInput)
      try recoverable.keepPlans(InputLog(folder: "\(folder.path)/input", epoch: 1))
      stream.initialize(zeroTime: Time(milliseconds: 0))
    }

    /// The names of the files that the progress includes.
    func progress() throws -> Set<String> { try names(recoverable.progress()) }

    /// The names of the files in plans that have not been taken yet.
    func takePlans() throws -> [Set<String>] { try recoverable.takePlans().map { try names($0.bytes) } }

    private func names(_ buffer: ByteBuffer) throws -> Set<String> {
      try withExtendedLifetime(buffer) { Set(try FileList(buffer.bytes).files.map(\.path.text)) }
    }
  }

  @Test func `progress includes a file once its plan has been taken, and not before`() throws {
    try withTemporaryFolder { root in
      let input = try Input(ProgramFolder("\(root)/run"))
      try input.folder.add("new", "x\n")
      _ = try input.stream.compute(Time(milliseconds: 1000))
      #expect(try input.progress() == [])
      #expect(try input.takePlans() == [["new"]])
      #expect(try input.progress() == ["new"])
      #expect(try input.takePlans() == [])
    }
  }

  /// A batch is made while the one before ends and truncates the log.
  @Test(.timeLimit(.minutes(30)))
  func `progress never includes a file whose plan has not been taken, also while a batch is being made`() throws {
    try withTemporaryFolder { root in
      let input = try Input(ProgramFolder("\(root)/run"))
      let isOver = Atomic(false)
      let seen = Mutex<(early: Set<String>, planned: Set<String>, problem: (any Error)?)>(([], [], nil))
      let log = WorkerThread(name: "log") {
        do {
          var isLast = false
          while !isLast {
            isLast = isOver.load(ordering: .acquiring)
            let progress = try input.progress()
            let planned = try input.takePlans()
            seen.withLock { seen in
              seen.early.formUnion(progress.subtracting(seen.planned))
              for names in planned { seen.planned.formUnion(names) }
            }
          }
        } catch { seen.withLock { $0.problem = error } }
      }
      for number in 1...200 {
        try input.folder.add("new-\(number)", "x\n")
        _ = try input.stream.compute(Time(milliseconds: number * 1000))
      }
      isOver.store(true, ordering: .releasing)
      log.join()
      let (early, planned, problem) = seen.withLock { $0 }
      #expect(problem == nil)
      #expect(early.isEmpty)
      #expect(planned == Set((1...200).map { "new-\($0)" }))
    }
  }
}

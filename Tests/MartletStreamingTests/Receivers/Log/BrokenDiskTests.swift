import MartletCore
import MartletLog
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// A disk that fails at the test's request.
private final class FragileDisk: Sendable {
  enum Trouble: CaseIterable {
    /// Files cannot be created.
    case creating
    /// A write fails halfway.
    case writing
    /// Everything is written, and the sync fails.
    case syncing
  }

  let trouble = Mutex<Trouble?>(nil)

  func check(_ trouble: Trouble) throws {
    guard self.trouble.withLock({ $0 }) == trouble else { return }
    throw MartletError.system("Cannot write to the disk of the test", errno: 28)
  }

  func create(_ path: String) throws -> any LogFile {
    try check(.creating)
    return FragileFile(try SystemFile.create(path), self)
  }
}

private final class FragileFile: LogFile {
  private let file: SystemFile
  private let disk: FragileDisk
  private var hasFailed = false

  init(_ file: SystemFile, _ disk: FragileDisk) {
    self.file = file
    self.disk = disk
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    #expect(!hasFailed, "written on after a failure")
    do { try disk.check(.writing) } catch {
      hasFailed = true
      try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)))
      throw error
    }
    try file.write(bytes)
  }

  func synchronizeData() throws {
    #expect(!hasFailed, "synced after a failure")
    do { try disk.check(.syncing) } catch {
      hasFailed = true
      throw error
    }
    try file.synchronizeData()
  }

  func truncate(to length: Int) throws { try file.truncate(to: length) }
}

@Suite(.timeLimit(.minutes(30))) struct BrokenDiskTests {
  @Test(arguments: FragileDisk.Trouble.allCases, [false, true])
  fileprivate func `records wait for the disk and come once, in order`(
    trouble: FragileDisk.Trouble, isNew: Bool
  ) throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let disk = FragileDisk()
      let run = try LoggedRun.storing(Int.self, ledger) { input in
        input.makeLogFile = disk.create
        if trouble == .creating { input.logSegmentSize = 1 }
      }
      var all: [Int] = []
      if !isNew {
        run.receiver.store(contentsOf: [0, 1])
        all += try run.runBatch()
        #expect(all == [0, 1])
        run.receiver.store(contentsOf: [2, 3])
      }
      disk.trouble.withLock { $0 = trouble }
      let receiver = run.receiver
      let acknowledged = Atomic<Bool>(false)
      let reliable = WorkerThread(name: "reliable") {
        #expect(receiver.store(contentsOf: [4, 5]))
        acknowledged.store(true, ordering: .sequentiallyConsistent)
      }
      run.test.waitForReceiverError("Cannot write to the disk of the test")
      // Records that were on the disk come; the others wait.
      all += try run.runBatch()
      #expect(all == (isNew ? [] : [0, 1, 2, 3]))
      let wasAcknowledged = acknowledged.load(ordering: .sequentiallyConsistent)
      #expect(!wasAcknowledged)
      disk.trouble.withLock { $0 = nil }
      reliable.join()
      receiver.store(6)
      all += try run.runBatch()
      #expect(all == (isNew ? [4, 5, 6] : [0, 1, 2, 3, 4, 5, 6]))
      receiver.store(contentsOf: [7])
      try run.crash()
      let next = try LoggedRun.storing(Int.self, ledger)
      #expect(try ledger.plans.flatMap { try next.again($0.time) } == all)
      #expect(try next.runBatch() == [7])
      next.test.stop()
    }
  }

  @Test func `while the disk is broken the receiver is blocked, and nothing is acknowledged at the end`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let disk = FragileDisk()
      disk.trouble.withLock { $0 = .syncing }
      let conf = MartletConf().set(StreamingContext.receiverBufferKey, "800")
      let run = try LoggedRun.storing(Int.self, ledger, conf: conf) { $0.makeLogFile = disk.create }
      let receiver = run.receiver
      let stored = Atomic<Int>(0)
      let storing = WorkerThread(name: "store") {
        for i in 0..<1000 where !receiver.isStopped {
          receiver.store(i)
          stored.add(1, ordering: .relaxed)
        }
        #expect(!receiver.store(contentsOf: [1]))
      }
      run.test.waitForReceiverError("Cannot write to the disk of the test")
      // There is space for this number of records, and no batch releases any.
      try run.test.runBatches { stored.load(ordering: .relaxed) >= 100 }
      for _ in 0..<10 { #expect(try run.runBatch() == []) }
      #expect((100...101).contains(stored.load(ordering: .relaxed)))
      run.test.stop()
      storing.join()
      run.test.waitForReceiverError("they are lost")
      let next = try LoggedRun.storing(Int.self, ledger)
      #expect(try next.runBatch() == [])
      next.test.stop()
    }
  }
}

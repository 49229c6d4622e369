import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

/// Programs that take over a checkpoint from a running one.
@Suite(.timeLimit(.minutes(30))) struct TakeOverTests {
  /// The form of a program.
  struct Form: Sendable {
    var name = "totals"
    var interval = Duration.seconds(1)
    var hasTextState = false
    var hasSecondInput = false
    var options = CheckpointOptions(takeOver: true)
    var segmentBytes = 4 << 20
  }

  /// Running totals of the words of a folder's files.
  private static func program(
    _ folder: String, _ form: Form = Form(), onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> TestStreamingContext {
    let test = TestStreamingContext(batchInterval: form.interval)
    test.context.checkpoint("\(folder)/checkpoint", options: form.options)
    test.context.withCheckpointSettings { settings in
      settings?.segmentBytes = form.segmentBytes
      settings?.onStep = onStep
    }
    let words = test.context.textFileStream("\(folder)/in").map { ($0, 1) }
    if form.hasTextState {
      words.updateStateByKey { values, text in (text ?? "") + "\(values.count)" }.name(form.name).foreachRDD { _ in }
    } else {
      words.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }.name(form.name)
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder)/out/batch")
    }
    if form.hasSecondInput { test.context.textFileStream("\(folder)/other").foreachRDD { _ in } }
    return test
  }

  /// Adds a file for the next batch, which both must count.
  private static func runBatch(_ test: TestStreamingContext, _ folder: ProgramFolder, _ word: String) throws {
    try folder.add("\(word)-\(test.clock.now.milliseconds)", "\(word)\n")
    try test.runBatch()
  }

  /// The reason for refusing a program that takes over.
  enum Misfit: String, CaseIterable, Sendable {
    case otherState = "the type of its state was Swift.Int and is Swift.String"
    case noSuchOperator = "The stateful operator name:totals, at"
    case otherInterval = "The batch interval was 1 s and is 2 s"
    case inputGone = "may be assigning its records to batches"
    case damagedSegment = "is damaged: a checksum does not match"
    case otherVersion = "its format has version 9, but this program reads version 1"
    case missingSegment = "log-00000001-00000001' is missing"

    var form: Form {
      switch self {
      case .otherState: Form(hasTextState: true)
      case .noSuchOperator: Form(name: "sums")
      case .otherInterval: Form(interval: .seconds(2))
      default: Form()
      }
    }

    /// Damages the first segment, which the running owner does not read again.
    func damage(_ path: String) throws {
      var bytes = try fileBytes(path)
      switch self {
      // In the header's payload, and in its frame.
      case .damagedSegment: bytes[40] ^= 1
      case .otherVersion: bytes[2] = 9
      case .missingSegment: return try Folder.remove(path)
      default: return
      }
      try writeFile(path, bytes)
    }
  }

  @Test(arguments: Misfit.allCases)
  func `a refused program does no harm to the running one`(_ misfit: Misfit) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try Folder.create("\(folder.path)/other")
      let form = Form(hasSecondInput: misfit == .inputGone)
      // A segment of a former owner, and one of the running owner.
      let first = try Self.program(folder.path, form)
      try first.start()
      try Self.runBatch(first, folder, "a")
      first.stop()
      let owner = try Self.program(folder.path, form)
      try owner.start()
      owner.clock.set(Time(milliseconds: 1000))
      try Self.runBatch(owner, folder, "a")
      let segment = "\(folder.path)/checkpoint/log-00000001-00000001"
      let bytes = try fileBytes(segment)
      try misfit.damage(segment)
      let before = try Folder.names("\(folder.path)/checkpoint").sorted()
      let taker = try Self.program(folder.path, misfit.form)
      let error = try #require(#expect(throws: MartletError.self) { try taker.start() })
      #expect("\(error)".contains(misfit.rawValue), "\(error)")
      #expect(try Folder.names("\(folder.path)/checkpoint").sorted() == before)
      try writeFile(segment, bytes)
      // It continues, and its commits count.
      try Self.runBatch(owner, folder, "a")
      owner.stop()
      let last = try Self.program(folder.path, form)
      try last.start()
      last.clock.set(Time(milliseconds: 3000))
      try Self.runBatch(last, folder, "a")
      last.stop()
      let output = try folder.output()
      #expect(output["batch-3000"] == ["a 3"] && output["batch-4000"] == ["a 4"] && output.count == 4)
    }
  }

  @Test func `a program whose state cannot be stored is refused before it reads the checkpoint`()
    throws
  {
    final class Unkept: Sendable {}
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let owner = try Self.program(folder.path)
      try owner.start()
      try Self.runBatch(owner, folder, "a")
      let taker = recoverable(folder.path, options: CheckpointOptions(takeOver: true))
      taker.context.textFileStream("\(folder.path)/in").map { ($0, 1) }
        .updateStateByKey { _, state in state ?? Unkept() }.foreachRDD { _ in }
      #expect(throws: MartletError.self) { try taker.start() }
      try Self.runBatch(owner, folder, "a")
      owner.stop()
      #expect(try folder.output()["batch-2000"] == ["a 2"])
    }
  }

  /// The obstacle that prevents the start of a program that fits the checkpoint.
  enum Obstacle: String, CaseIterable, Sendable {
    case elementsWithoutForm = "has no binary form"
    case logSetting = "martlet.streaming.receiver.writeAheadLog"
    case rateSetting = "martlet.streaming.receiver.maxRate"
    case blockInterval = "martlet.streaming.blockInterval"
    case outputFolder = "file' is not a folder. Remove it"
    case damagedReceiverLog = "is damaged: a checksum does not match (at byte"
    case stateThatCannotBeRead = "it is not what it was"
  }

  @Test(.serialized, arguments: Obstacle.allCases)
  func `a matching program that cannot start does no harm to the running one`(_ obstacle: Obstacle) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func program(isTaker: Bool) -> (TestStreamingContext, HandReceiver<Int>) {
        final class Unwritable: Sendable {}
        var conf = MartletConf().setMaster("local[4]")
        if isTaker {
          switch obstacle {
          case .logSetting: conf = conf.set(ReceiverSetting.writeAheadLogKey, "perhaps")
          case .rateSetting: conf = conf.set(ReceiverSetting.maxRateKey, "fast")
          case .blockInterval: conf = conf.set(ReceiverSetting.blockIntervalKey, "short")
          default: break
          }
        }
        let test = TestStreamingContext(MartletContext(conf: conf), batchInterval: .seconds(1))
        test.context.checkpoint("\(folder.path)/checkpoint", options: CheckpointOptions(takeOver: isTaker))
        let receiver = HandReceiver<Int>()
        let numbers = test.context.receiverStream(receiver)
        numbers.map { (Text("all"), Fragile($0)) }
          .updateStateByKey { values, total in
            Fragile(values.reduce(total?.number ?? 0) { $0 + $1.number })
          }.name("totals").map { "\($0.0) \($0.1.number)" }.saveAsTextFiles("\(folder.path)/out/batch")
        if isTaker && obstacle == .elementsWithoutForm {
          test.context.receiverStream(HandReceiver<Unwritable>()).name("second").foreachRDD { _ in }
        }
        if isTaker && obstacle == .outputFolder {
          numbers.map { "\($0)" }.saveAsTextFiles("\(folder.path)/file/deeper/batch")
        }
        return (test, receiver)
      }
      try writeFile("\(folder.path)/file", [])
      let (owner, receiver) = program(isTaker: false)
      try owner.start()
      #expect(owner.events.wait { $0.contains { $0.name == "receiverStarted" } })
      func runBatch() throws {
        #expect(receiver.store(contentsOf: [1, 2]))
        try owner.runBatch()
      }
      try runBatch()
      #expect(receiver.store(contentsOf: [3, 4]))
      #expect(receiver.store(contentsOf: [5]))
      var whole: (path: String, bytes: [UInt8])?
      if obstacle == .damagedReceiverLog {
        let inputs = "\(folder.path)/checkpoint/inputs"
        let input = "\(inputs)/\(try #require(try Folder.names(inputs).first))"
        let path = "\(input)/\(try #require(try Folder.names(input).last))"
        var bytes = try fileBytes(path)
        whole = (path, bytes)
        // Before a record that was acknowledged later, so it must have been on the disk.
        bytes[bytes.count - 60] ^= 1
        try writeFile(path, bytes)
      }
      Fragile.isRefused.withLock { $0 = obstacle == .stateThatCannotBeRead }
      let before = try Folder.names("\(folder.path)/checkpoint").sorted()
      let (taker, _) = program(isTaker: true)
      let error = #expect(throws: (any Error).self) { try taker.start() }
      Fragile.isRefused.withLock { $0 = false }
      #expect("\(error as Any)".contains(obstacle.rawValue), "\(error as Any)")
      #expect(try Folder.names("\(folder.path)/checkpoint").sorted() == before)
      if let whole { try writeFile(whole.path, whole.bytes) }
      try runBatch()
      owner.stop()
      #expect(try folder.output()["batch-2000"] == ["all 18"])
    }
  }

  @Test func `a program may take over from one that is removing unneeded files`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(_ run: Int) throws -> (TestStreamingContext, HandReceiver<Int>) {
        // Far apart, so that no batch has run yet.
        let test = recoverable(
          folder.path, at: Time(milliseconds: run * 1_000_000),
          options: CheckpointOptions(missedBatches: .skip, takeOver: true), segmentBytes: 300)
        let receiver = HandReceiver<Int>()
        let numbers = test.context.receiverStream(receiver)
        (numbers as? ReceiverInput<Int>)?.logSegmentSize = 100
        numbers.window(.seconds(3)).foreachRDD { rdd in _ = try rdd.count() }
        try test.start()
        #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
        return (test, receiver)
      }
      var (owner, receiver) = try start(0)
      for run in 1...10 {
        let batches = Atomic(0)
        let end = Mutex<String?>(nil)
        let working = WorkerThread(name: "owner") { [owner, receiver] in
          // Until it is fenced off.
          do {
            while receiver.store(contentsOf: [run, run]) {
              try owner.runBatch()
              batches.add(1, ordering: .relaxed)
            }
          } catch { end.withLock { $0 = "\(error)" } }
        }
        while batches.load(ordering: .relaxed) < 5 { sched_yield() }
        let former = owner
        (owner, receiver) = try start(run)
        working.join()
        if let end = end.withLock({ $0 }) { #expect(end.contains("fenced off"), "\(end)") }
        former.stop()
      }
      owner.stop()
    }
  }

  @Test func `a checkpoint that was moved away is not confused with a taken one`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let owner = try Self.program(folder.path, Form(segmentBytes: 4 << 20))
      try owner.start()
      try Self.runBatch(owner, folder, "a")
      try Folder.rename("\(folder.path)/checkpoint", to: "\(root)/elsewhere")
      let failure = try #require(#expect(throws: BatchFailure.self) { try Self.runBatch(owner, folder, "b") })
      #expect("\(failure)".contains("checkpoint' was moved, removed or emptied"), "\(failure)")
      owner.stop()
      try Folder.rename("\(root)/elsewhere", to: "\(folder.path)/checkpoint")
      let next = try Self.program(folder.path, Form(segmentBytes: 4 << 20))
      try next.start()
      next.stop()
    }
  }

  /// The segments remain, or are truncated with every batch.
  @Test(arguments: [4 << 20, 0])
  func `a program that takes over continues after the other one's last batch, and fences it off`(
    _ segmentBytes: Int
  ) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let form = Form(segmentBytes: segmentBytes)
      let owner = try Self.program(folder.path, form)
      try owner.start()
      try Self.runBatch(owner, folder, "a")
      let asked = Mutex(0)
      let taker = try Self.program(folder.path, form) { step in
        guard step == .recoveryCompared else { return }
        asked.withLock { $0 += 1 }
        // It is not fenced off yet.
        #expect(throws: Never.self) {
          for _ in 0..<3 { try Self.runBatch(owner, folder, "a") }
        }
      }
      try taker.start()
      #expect(asked.withLock { $0 } == 1)
      let failure = try #require(#expect(throws: BatchFailure.self) { try Self.runBatch(owner, folder, "b") })
      #expect("\(failure)".contains("This one is fenced off"))
      owner.stop()
      taker.clock.set(Time(milliseconds: 4000))
      try taker.runBatch()
      taker.stop()
      let output = try folder.output().mapValues { $0.sorted() }
      #expect(output["batch-4000"] == ["a 4"] && output["batch-5000"] == ["a 4", "b 1"] && output.count == 5)
    }
  }

  @Test func `of two programs that take over at once, the later claimant owns the checkpoint`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let owner = try Self.program(folder.path)
      try owner.start()
      try Self.runBatch(owner, folder, "a")
      let faster = try Self.program(folder.path)
      let compared = Atomic(0)
      let slower = try Self.program(folder.path) { step in
        guard step == .recoveryCompared, compared.add(1, ordering: .relaxed).newValue == 1 else { return }
        #expect(throws: Never.self) {
          try faster.start()
          faster.clock.set(Time(milliseconds: 1000))
          try Self.runBatch(faster, folder, "b")
        }
      }
      try slower.start()
      // It has also compared itself with the faster one.
      #expect(compared.load(ordering: .relaxed) == 2)
      for fenced in [owner, faster] {
        let failure = try #require(#expect(throws: BatchFailure.self) { try fenced.runBatch() })
        #expect("\(failure)".contains("This one is fenced off"))
        fenced.stop()
      }
      slower.clock.set(Time(milliseconds: 2000))
      try Self.runBatch(slower, folder, "c")
      slower.stop()
      #expect(try folder.output().mapValues { $0.sorted() }["batch-3000"] == ["a 1", "b 1", "c 1"])
    }
  }

  @Test func `an accepted program is refused if another one with unreadable state has taken over`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let owner = try Self.program(folder.path)
      try owner.start()
      try Self.runBatch(owner, folder, "a")
      let faster = try Self.program(
        folder.path,
        Form(hasTextState: true, options: CheckpointOptions(takeOver: true, forgettingState: ["totals"])))
      let slower = try Self.program(folder.path) { step in
        guard step == .recoveryCompared else { return }
        #expect(throws: Never.self) { try faster.start() }
      }
      let error = try #require(#expect(throws: MartletError.self) { try slower.start() })
      #expect("\(error)".contains("the type of its state was Swift.String and is Swift.Int"))
      faster.clock.set(Time(milliseconds: 1000))
      try Self.runBatch(faster, folder, "b")
      faster.stop()
      owner.stop()
    }
  }

  @Test func `a program that may not take over yields to one that does while it starts`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let taker = try Self.program(folder.path)
      let starting = try Self.program(folder.path, Form(options: CheckpointOptions())) { step in
        guard step == .recoveryCompared else { return }
        #expect(throws: Never.self) { try taker.start() }
      }
      let error = try #require(#expect(throws: MartletError.self) { try starting.start() })
      #expect("\(error)".contains("is in use by the process \(getpid())"))
      try Self.runBatch(taker, folder, "a")
      taker.stop()
      #expect(try folder.output() == ["batch-1000": ["a 1"]])
    }
  }
}

/// A state that a program may be unable to read.
private struct Fragile: Codable, Sendable, Equatable {
  struct Refused: Error, CustomStringConvertible { var description: String { "it is not what it was" } }

  static let isRefused = Mutex(false)

  var number: Int
  /// Prevents writing it as its bytes in memory.
  var text = ""

  init(_ number: Int) { self.number = number }

  init(from decoder: any Decoder) throws {
    if Self.isRefused.withLock({ $0 }) { throw Refused() }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    number = try container.decode(Int.self, forKey: .number)
    text = try container.decode(String.self, forKey: .text)
  }
}

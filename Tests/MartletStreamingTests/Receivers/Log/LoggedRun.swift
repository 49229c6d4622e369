import MartletCore
import MartletLog
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// A receiver into which a test stores.
final class HandReceiver<Element: Sendable>: Receiver<Element>, @unchecked Sendable {
  override var name: String { "Hand" }
}

/// The checkpoint's part for one input, and the folder of its log.
final class InputLedger {
  let folder: String
  var epoch = 0
  var progress: ByteBuffer?
  var plans: [InputPlan] = []

  init(_ folder: String) { self.folder = folder }

  /// The names of the files of the log.
  ///
  /// - Throws: if the folder cannot be read, for example because it is missing: a missing log is not an empty one.
  var files: [String] { get throws { try Folder.names(folder).filter { $0.hasPrefix("log-") } } }

  /// The facts about a segment of the log.
  func facts(_ segment: SegmentName) throws -> SegmentFacts {
    let file = try SegmentFile(try SystemFile.read("\(folder)/\(segment)"))
    return try SegmentFacts(segment, of: BlockKind.vocabulary, in: file)
  }

  func restore(_ input: any RecoverableInput) throws {
    epoch += 1
    try input.keepPlans(InputLog(folder: folder, epoch: epoch))
    if let progress { try input.restore(progress: progress.bytes) }
    for plan in plans { try input.restore(plan: plan) }
    try input.endRecovery()
    progress = input.progress()
  }
}

/// One run of a program that collects the records of a receiver, on a log in a folder.
final class LoggedRun<Element: Sendable> {
  let test: TestStreamingContext
  let input: ReceiverInput<Element>
  let output: StreamOutput<Element>
  private let ledger: InputLedger

  init(
    _ ledger: InputLedger, conf: MartletConf = MartletConf(),
    _ stream: (StreamingContext) -> DStream<Element>, prepare: (ReceiverInput<Element>) -> Void = { _ in }
  ) throws {
    self.ledger = ledger
    test = TestStreamingContext(conf: conf.setMaster("local[2]"))
    let stream = stream(test.context)
    output = test.output(of: stream)
    input = try #require(stream as? ReceiverInput<Element>)
    try ledger.restore(input)
    prepare(input)
    // After the batches of earlier runs.
    test.clock.set(Time(milliseconds: ledger.epoch * 1_000_000))
    try test.start()
    let hasStarted = test.events.wait { $0.contains { $0.name == "receiverStarted" } }
    #expect(hasStarted)
  }

  /// Runs a batch, whose plan the ledger keeps, and returns its records.
  @discardableResult
  func runBatch() throws -> [Element] {
    let before = output.batches.count
    try test.runBatch()
    ledger.plans += input.takePlans()
    return output.batches.dropFirst(before).flatMap { $0 }
  }

  /// The present records of the batch of a plan from an earlier run.
  func again(_ time: Time) throws -> [Element] { try input.compute(time)?.collect() ?? [] }

  /// Ends without any further writing, as a crash does: the files remain in their present state.
  func crash() throws {
    // Without a log, and before the first record, there is no folder.
    func files() throws -> [String] { try Folder.nameIsTaken(ledger.folder) ? ledger.files : [] }
    let before = try files().map { name in (name, try fileBytes("\(ledger.folder)/\(name)")) }
    test.stop()
    for name in try files() { try Folder.remove("\(ledger.folder)/\(name)") }
    for (name, bytes) in before { try writeFile("\(ledger.folder)/\(name)", bytes) }
  }
}

extension LoggedRun {
  /// A run with a receiver into which the test stores.
  static func storing(
    _ type: Element.Type, _ ledger: InputLedger, conf: MartletConf = MartletConf(),
    prepare: (ReceiverInput<Element>) -> Void = { _ in }
  ) throws -> LoggedRun { try LoggedRun(ledger, conf: conf, { $0.receiverStream(HandReceiver()) }, prepare: prepare) }

  var receiver: Receiver<Element> { input.receiver }
}

func fileBytes(_ path: String) throws -> [UInt8] {
  let file = try SystemFile.read(path)
  let size = try file.size()
  return try [UInt8](unsafeUninitializedCapacity: size) { target, count in
    count = size == 0 ? 0 : try file.read(target.baseAddress.unsafelyUnwrapped, count: size, at: 0)
  }
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  try Folder.remove(path)
  let file = try SystemFile.create(path)
  try bytes.withUnsafeBytes { try file.write($0) }
}

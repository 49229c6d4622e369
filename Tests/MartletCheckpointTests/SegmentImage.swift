import MartletCore
import MartletLog

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

/// A segment that a test builds, and may damage.
final class SegmentImage {
  let name: SegmentName
  private(set) var bytes = ByteBuffer()
  /// The positions of the records, the header's first.
  private(set) var positions: [Int] = []

  init(
    _ epoch: Int, _ number: Int, checkpointID: UInt64 = 7, done: Int = 0, planned: Int = 0, before: [SegmentPart] = [],
    inputs: [String] = ["in"], operators: [String] = ["sums"], resultForm: String? = nil, beginsAnew: Bool = false
  ) {
    name = SegmentName(epoch: epoch, number: number)
    var program = fingerprint(inputs: inputs, operators: operators)
    for index in program.operators.indices {
      program.operators[index].resultForm = resultForm
      program.operators[index].beginsAnew = beginsAnew
    }
    let header = CheckpointHeader(
      checkpointID: checkpointID, program: program, zeroTime: Time(milliseconds: 0),
      doneThrough: Time(milliseconds: done), plannedThrough: Time(milliseconds: planned), stagingFolders: [])
    func write(_ out: ByteBuffer) {
      SegmentOpening.write(to: out, CheckpointHeader.vocabulary, before: before, header.write)
    }
    let payload = ByteBuffer()
    write(payload)
    // The whole segment was on the disk before it got its name.
    let size = LogFrame(LogFrame.opening, payload.bytes, synced: 0, at: LogFrame.Place(name, 0)).size
    append(LogFrame.opening, synced: size, write)
  }

  /// Appends a record that states the durable length of the segment at the time of writing.
  func append(_ kind: CheckpointRecord.Kind, synced: Int = 0, _ body: (ByteBuffer) -> Void = { _ in }) {
    append(kind.rawValue, synced: synced, body)
  }

  func seal() { append(LogFrame.sealed, synced: bytes.count) { _ in } }

  private func append(_ kind: UInt8, synced: Int, _ body: (ByteBuffer) -> Void) {
    positions.append(bytes.count)
    LogFrame.append(kind, synced: synced, at: LogFrame.Place(name, bytes.count), to: bytes, body)
  }

  /// The plan of a batch, with a file of that name for the first input.
  func plan(_ milliseconds: Int, _ file: String? = nil, synced: Int = 0, isCopy: Bool = false) {
    let time = Time(milliseconds: milliseconds)
    let plans = file.map { file in
      let bytes = FileList(folder: "/", files: [seen(file)]).encoded()
      return [(0, InputPlan(time: time, records: 1, bytes: bytes))]
    }
    let plan = BatchPlan(time: time, inputs: plans ?? [], isCopy: isCopy)
    append(.plan, synced: synced) { plan.write($0) }
  }

  func state(_ milliseconds: Int, _ text: String, _ kind: StateRecord.Kind = .changes) {
    let record = StateRecord(kind: kind, partition: 0, keysSet: 1, keysRemoved: 0, bytes: utf8(text))
    append(.state) { LoggedState.write(record, of: 0, at: Time(milliseconds: milliseconds), to: $0) }
  }

  func done(_ milliseconds: Int, synced: Int = 0) {
    append(.done, synced: synced) { $0.append(Time(milliseconds: milliseconds)) }
  }

  func progress(_ files: [String]) {
    let bytes = FileList(folder: "/", files: files.map(seen)).encoded()
    append(.progress) { CheckpointRecord.write(progress: bytes, of: 0, to: $0) }
  }

  var part: SegmentPart { SegmentPart(name: name, length: bytes.count) }

  /// A copy of the bytes, truncated or with a flipped bit.
  func damaged(length: Int? = nil, flippedBit: Int? = nil) -> ByteBuffer {
    var all = Array(bytes.bytes)
    if let flippedBit { all[flippedBit / 8] ^= 1 << (flippedBit % 8) }
    return all.prefix(length ?? all.count).withUnsafeBytes { ByteBuffer($0) }
  }

  func read(_ bytes: ByteBuffer? = nil, length: Int? = nil) throws -> CheckpointSegment {
    try CheckpointSegment(name, bytes ?? self.bytes, length: length, path: "checkpoint/\(name)")
  }
}

func utf8(_ text: String) -> ByteBuffer { Array(text.utf8).withUnsafeBytes { ByteBuffer($0) } }

func seen(_ path: String) -> SeenFile {
  SeenFile(path: FilePath(path), facts: FileFacts(size: 1, modified: 2, changed: 3, inode: 4))
}

func fingerprint(
  milliseconds: Int64 = 1000, inputs: [String] = ["in"], operators: [String] = ["sums"],
  form: StateForm = StateForm(
    operation: "updateStateByKey", key: "text", state: "raw Swift.Int 8/8", keyType: "Text", stateType: "Int")
) -> ProgramFingerprint {
  ProgramFingerprint(
    batchInterval: milliseconds * 1_000_000, inputs: inputs.map { .init(id: $0, site: "App/main.swift:1") },
    operators: operators.map { .init(id: $0, site: "App/main.swift:2", form: form) }, outputs: [])
}

import MartletCore
import MartletLog
import MartletRDD
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// Checkpoint files that are torn, changed or missing: the program continues from a correct state with the expected
/// results, or it refuses to start and names the file. It never starts from nothing without notice.
@Suite(.timeLimit(.minutes(30))) struct DamageTests {
  private static let batches = [["a", "b"], ["a"], ["c", "a"], [], ["b", "c"], ["a"]]

  private static func start(_ folder: String, segmentBytes: Int = 4 << 20) throws -> TestStreamingContext {
    let test = recoverable(folder, segmentBytes: segmentBytes)
    test.context.textFileStream("\(folder)/in").map { ($0, 1) }
      .updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder)/out/batch")
    try test.start()
    return test
  }

  private static func run(_ folder: ProgramFolder, _ test: TestStreamingContext, _ numbers: Range<Int>) throws {
    defer { test.stop() }
    for number in numbers {
      if !(try Folder.nameIsTaken("\(folder.path)/in/file-\(number)")) {
        try folder.add("file-\(number)", batches[number].map { $0 + "\n" }.joined())
      }
      try test.runBatch()
    }
  }

  private static func output(_ folder: ProgramFolder) throws -> [String: [String]] {
    try folder.output().mapValues { $0.sorted() }
  }

  /// Damage to a file.
  enum Damage: CustomStringConvertible {
    case missing, empty, flipped(Int), cut(Int)

    var description: String {
      switch self {
      case .missing: "missing"
      case .empty: "empty"
      case .flipped(let byte): "byte \(byte) changed"
      case .cut(let length): "cut off at \(length)"
      }
    }

    func apply(to path: String) throws {
      var bytes = try fileBytes(path)
      try Folder.remove(path)
      switch self {
      case .missing: return
      case .empty: bytes = []
      case .flipped(let byte): bytes[byte] ^= 1 << UInt8(byte % 8)
      case .cut(let length): bytes = Array(bytes.prefix(length))
      }
      try writeFile(path, bytes)
    }
  }

  /// Some bytes of each record's header and payload, some lengths.
  private static func damages(_ path: String) throws -> [Damage] {
    let bytes = try fileBytes(path)
    var result: [Damage] = [.missing]
    if bytes.isEmpty { return result }
    result.append(.empty)
    guard let segment = SegmentName(fileName: lastComponent(path)) else {
      let some = stride(from: 0, to: bytes.count, by: 3)
      return result + some.map { .flipped($0) } + some.map { .cut($0) }
    }
    let buffer = ByteBuffer()
    bytes.withUnsafeBytes { if let base = $0.baseAddress { buffer.append(base, count: $0.count) } }
    var position = 0
    while position < bytes.count, let frame = try? buffer.header(at: LogFrame.Place(segment, position)) {
      for byte in [0, 3, 8, 17] { result.append(.flipped(position + byte)) }
      if frame.length > 0 { result.append(.flipped(position + LogFrame.headerSize + frame.length / 2)) }
      let frameEnd = position + frame.size
      for end in [frameEnd - 1, frameEnd] where end < bytes.count { result.append(.cut(end)) }
      position = frameEnd
    }
    #expect(position > 0, "\(path) has no complete record")
    return result
  }

  /// A checkpoint of several owners, in the state that a kill at `step` leaves.
  private static func image(_ folder: ProgramFolder, at step: BatchStep) throws -> String {
    for (numbers, segmentBytes) in [(0..<2, 4 << 20), (2..<3, 4 << 20)] {
      try run(folder, try start(folder.path, segmentBytes: segmentBytes), 0..<numbers.upperBound)
    }
    let image = CopyOnce(folder, step)
    let test = recoverable(folder.path, segmentBytes: step == .segmentRemoved ? 0 : 4 << 20) { image.note($0) }
    test.context.textFileStream("\(folder.path)/in").map { ($0, 1) }
      .updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder.path)/out/batch")
    try test.start()
    try run(folder, test, 0..<6)
    return try #require(folder.takeImages().dropFirst(step == .segmentRemoved ? 0 : 1).first?.path)
  }

  /// Takes an image at each occurrence of a step.
  private final class CopyOnce: Sendable {
    let folder: ProgramFolder
    let step: BatchStep
    init(_ folder: ProgramFolder, _ step: BatchStep) { (self.folder, self.step) = (folder, step) }
    func note(_ now: BatchStep) { if now == step { folder.takeImage("\(now)") } }
  }

  /// After the plan of a batch, in its output, after its state, and after the truncation of the log.
  @Test(arguments: [BatchStep.planLogged, .outputPublished, .committed, .segmentRemoved])
  func `a damaged file of the log is refused by name, or the rest suffices to continue`(_ step: BatchStep) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let image = try Self.image(folder, at: step)
      let expected = try Self.output(folder)
      let names = try Folder.names("\(image)/checkpoint").filter { !$0.hasPrefix(".") && $0 != "inputs" }
      #expect(names.contains { $0.hasPrefix("epoch-") } && names.contains("lock"))
      if step != .segmentRemoved { #expect(names.filter { $0.hasPrefix("log-") }.count == 3) }
      var refused = 0
      var recovered = 0
      for name in names {
        for damage in try Self.damages("\(image)/checkpoint/\(name)") {
          try folder.copy(of: image)
          let path = "\(folder.path)/checkpoint/\(name)"
          try damage.apply(to: path)
          let story: Comment = "\(name) \(damage)"
          let test: TestStreamingContext
          do { test = try Self.start(folder.path) } catch {
            // Only segments are named.
            #expect(name.hasPrefix("log-") && "\(error)".contains(path), "\(story): \(error)")
            refused += 1
            continue
          }
          do {
            try Self.run(folder, test, 0..<6)
            #expect(try Self.output(folder) == expected, story)
            recovered += 1
          } catch {
            // A plan is lost, and the published output of its batch prevents another plan. In the middle of the log, a
            // change is noticed; an early end cannot be.
            #expect("\(error)".contains("already exists"), "\(story): \(error)")
            let isCut = if case .cut = damage { true } else { false }
            #expect(isCut || step == .outputPublished || step == .committed, "\(story): \(error)")
          }
        }
      }
      #expect(refused > 10 && recovered > 10)
    }
  }

  @Test func `whatever happens to the receiver's log, records come once or the start is refused`() throws {
    func start(_ folder: String) throws -> (TestStreamingContext, HandReceiver<Int>, StreamOutput<Int>) {
      let test = recoverable(folder)
      let receiver = HandReceiver<Int>()
      let output = test.output(of: test.context.receiverStream(receiver))
      try test.start()
      #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
      return (test, receiver, output)
    }
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let (test, receiver, output) = try start(folder.path)
      receiver.store(contentsOf: [1, 2])
      try test.runBatch()
      receiver.store(contentsOf: [3])
      receiver.store(contentsOf: [4])
      folder.takeImage("two records wait")
      test.stop()
      #expect(output.batches == [[1, 2]])
      let image = try #require(folder.takeImages().first?.path)
      let input = try #require(try Folder.names("\(image)/checkpoint/inputs").first)
      let name = "inputs/\(input)/log-00000001-00000001"
      let bytes = try fileBytes("\(image)/checkpoint/\(name)")
      let damages: [Damage?] =
        [nil, .missing, .empty] + bytes.indices.map { .flipped($0) } + bytes.indices.map { .cut($0) }
      var outcomes: Set<[Int]> = []
      for damage in damages {
        try folder.copy(of: image)
        let path = "\(folder.path)/checkpoint/\(name)"
        try damage?.apply(to: path)
        do {
          let (test, _, output) = try start(folder.path)
          defer { test.stop() }
          try test.runBatch()
          try test.runBatch()
          let records = output.batches.flatMap { $0 }
          if damage == nil { #expect(records == [3, 4]) } else { outcomes.insert(records) }
        } catch {
          #expect("\(error)".contains(path), "\(damage.map { "\($0)" } ?? "undamaged"): \(error)")
        }
      }
      // Every change is noticed. A torn end loses only the last record, since no later record says that it was durable.
      #expect(outcomes.isSubset(of: [[3], []]), "\(outcomes)")
      #expect(outcomes.contains([3]))
    }
  }
}

extension ProgramFolder {
  /// Replaces everything with a copy of an image. The image remains.
  func copy(of image: String) throws {
    try Folder.remove(path)
    try copyFolder(image, to: path)
  }
}

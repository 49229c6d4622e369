import MartletCore
import MartletLog
import MartletTesting
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct DamagedLogTests {
  /// A log whose one file holds 1...3, synchronized one by one; returns its bytes and the ends of its frames.
  private func threeRecords(_ ledger: InputLedger, planned: Int) throws -> (bytes: [UInt8], ends: [Int]) {
    let run = try LoggedRun.storing(Int.self, ledger)
    for i in 1...3 {
      run.receiver.store(contentsOf: [i])
      if i == planned { #expect(try run.runBatch() == Array(1...i)) }
    }
    try run.crash()
    let segment = SegmentName(epoch: 1, number: 1)
    let facts = try ledger.facts(segment)
    return (try fileBytes("\(ledger.folder)/\(segment)"), facts.frames.map(\.range.upperBound))
  }

  /// The elements of a new run when the file holds `bytes`; nil if it is refused with a message that names the file.
  private func recovered(_ bytes: [UInt8]?, _ ledger: InputLedger) throws -> [Int]? {
    let path = "\(ledger.folder)/log-00000001-00000001"
    if let bytes { try writeFile(path, bytes) } else { try Folder.remove(path) }
    let next = InputLedger(ledger.folder)
    (next.epoch, next.progress, next.plans) = (1, ledger.progress, ledger.plans)
    do {
      let run = try LoggedRun.storing(Int.self, next)
      defer { run.test.stop() }
      // A batch that was planned is repeated before the next one.
      let again = try next.plans.first.map { try run.again($0.time) } ?? []
      return again + (try run.runBatch())
    } catch let error as MartletError {
      #expect(error.message.contains(path), "\(error)")
      return nil
    }
  }

  @Test(arguments: [0, 1, 3])
  func `a truncated file gives its complete records, or is refused if a batch was given more`(planned: Int) throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let (bytes, ends) = try threeRecords(ledger, planned: planned)
      for length in 0...bytes.count {
        let whole = ends.filter { $0 <= length }.count
        let expected = whole < planned ? nil : Array(1..<whole + 1)
        #expect(try recovered(Array(bytes.prefix(length)), ledger) == expected, "\(length) bytes")
      }
    }
  }

  @Test(arguments: [0, 1, 3])
  func `a flipped bit is an error in a durable part, and the end of the log elsewhere`(
    planned: Int
  ) throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let (bytes, ends) = try threeRecords(ledger, planned: planned)
      for position in bytes.indices {
        var damaged = bytes
        damaged[position] ^= 1 << UInt8(position % 8)
        // The third record says that everything before it was durable.
        let expected = position >= ends[1] && planned < 3 ? [1, 2] : nil
        #expect(try recovered(damaged, ledger) == expected, "byte \(position)")
      }
    }
  }

  @Test func `of frames that were synced together, the first may be damaged: it may not have been durable`()
    throws
  {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let run = try LoggedRun.storing(Int.self, ledger)
      run.receiver.store(contentsOf: [1])
      run.receiver.store(contentsOf: 0..<300_000)
      try run.crash()
      let segment = SegmentName(epoch: 1, number: 1)
      let frames = try ledger.facts(segment).frames
      try #require(frames.count > 2)
      var bytes = try fileBytes("\(ledger.folder)/\(segment)")
      bytes[frames[1].range.lowerBound + LogFrame.headerSize + 8] ^= 1
      #expect(try recovered(bytes, ledger) == [1])
    }
  }

  @Test func `a file that is missing is refused by name if a batch was given records of it`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      _ = try threeRecords(ledger, planned: 1)
      #expect(try recovered(nil, ledger) == nil)
      #expect(try recovered([], ledger) == nil)
      #expect(try recovered([UInt8](repeating: 0, count: 1000), ledger) == nil)
    }
  }

  @Test func `zeros and old bytes after the end are not records`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let (bytes, ends) = try threeRecords(ledger, planned: 1)
      #expect(try recovered(bytes + [UInt8](repeating: 0, count: 4096), ledger) == [1, 2, 3])
      // Frames count only at their original position.
      #expect(try recovered(bytes + bytes[ends[0]..<ends[2]], ledger) == [1, 2, 3])
    }
  }

  @Test func `every file of a chain must be complete up to the start of the next one`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let run = try LoggedRun.storing(Int.self, ledger) { $0.logSegmentSize = 1 }
      for i in 1...4 { run.receiver.store(contentsOf: [i]) }
      try run.crash()
      #expect(try ledger.files.count == 4)
      for name in try ledger.files.dropLast() {
        let path = "\(ledger.folder)/\(name)"
        let bytes = try fileBytes(path)
        for damage in [[], Array(bytes.dropLast()), bytes.map { $0 ^ 1 }] + [nil] {
          try Folder.remove(path)
          if let damage { try writeFile(path, damage) }
          let next = InputLedger(ledger.folder)
          (next.epoch, next.progress) = (1, ledger.progress)
          let error = #expect(throws: MartletError.self) { try LoggedRun.storing(Int.self, next) }
          #expect(error?.message.contains(path) == true, "\(error?.message ?? "")")
        }
        try writeFile(path, bytes)
      }
    }
  }

  // MARK: The decision

  private func segment(
    _ epoch: Int, _ number: Int, after previous: ReceiverProgress.Position = .init(), frames: [Int],
    fault: SegmentFacts.Fault? = nil
  ) -> SegmentFacts {
    var end = 100
    let frames = frames.map { size in
      defer { end += size }
      return SegmentFacts.Frame(end..<end + size, count: 1)
    }
    return SegmentFacts(
      SegmentName(epoch: epoch, number: number),
      before: previous.number == 0
        ? [] : [SegmentPart(name: SegmentName(epoch: epoch, number: previous.number), length: previous.offset)],
      frames: frames, end: end, fault: fault)
  }

  private func stretch(_ epoch: Int, _ number: Int, _ range: Range<Int>, _ records: Int) -> BlockStretch {
    BlockStretch(
      SegmentName(epoch: epoch, number: number), from: range.lowerBound, to: range.upperBound, records: records)
  }

  @Test func `the valid records follow from the progress, the plans and the files`() throws {
    var progress = ReceiverProgress()
    progress.epoch = 2
    progress.leftovers = [stretch(1, 7, 100..<140, 4), stretch(1, 8, 100..<120, 2)]
    progress.given = .init(number: 3, offset: 110)
    let files = [
      // Later additions of an old run do not count.
      segment(1, 9, frames: [10]),
      segment(2, 3, frames: [10, 10, 10]), segment(2, 4, after: .init(number: 3, offset: 120), frames: [10, 10]),
      // A run that has left no progress.
      segment(3, 1, frames: [10]),
    ]
    func decide(_ plans: [BlockStretch]) throws -> [BlockStretch] {
      try progress.leftovers(plans: plans, files: files.filter { $0.segment.epoch >= 2 }, folder: "log")
    }
    let ofSecond = [stretch(2, 3, 110..<120, 1), stretch(2, 4, 100..<120, 2)]
    let ofThird = [stretch(3, 1, 100..<110, 1)]
    #expect(try decide([]) == progress.leftovers + ofSecond + ofThird)
    // Plans that the progress includes change nothing.
    #expect(try decide([stretch(2, 3, 100..<110, 1)]) == progress.leftovers + ofSecond + ofThird)
    #expect(
      try decide([stretch(1, 7, 100..<140, 4)]) == [stretch(1, 8, 100..<120, 2)] + ofSecond + ofThird)
    let all = progress.leftovers + ofSecond
    #expect(try decide(all) == ofThird)
    #expect(try decide(all + ofThird) == [])
  }

  @Test func `an incompletely written file counts as far as the next one says`() throws {
    let torn = SegmentFacts.Fault(position: 120, reason: "torn", wasOnDisk: false)
    let files = [
      segment(1, 1, frames: [10, 10], fault: torn), segment(1, 2, after: .init(number: 1, offset: 110), frames: [10]),
      // The beginning of the third never reached the disk.
      SegmentFacts(SegmentName(epoch: 1, number: 3), before: nil),
    ]
    let found = try ReceiverProgress().leftovers(plans: [], files: files, folder: "log")
    #expect(found == [stretch(1, 1, 100..<110, 1), stretch(1, 2, 100..<110, 1)])
  }

  @Test func `files are kept as long as they hold unassigned records`() {
    let old = SegmentName(epoch: 1, number: 1), left = SegmentName(epoch: 1, number: 2)
    var books = ReceiverLedger()
    books.begin(epoch: 2, leftovers: [stretch(1, 2, 100..<140, 4)], segments: [old, left])
    #expect(books.forget(through: Time(milliseconds: 1000)) == [old])
    let leftovers = books.takeLeftovers()
    #expect(!books.hasLeftovers)
    books.give(leftovers, to: Time(milliseconds: 2000), records: 4)
    #expect(books.forget(through: Time(milliseconds: 1000)) == [])
    #expect(books.forget(through: Time(milliseconds: 2000)) == [left])
  }

  @Test func `progress and plans are read as they were written`() throws {
    var progress = ReceiverProgress()
    progress.epoch = 5
    progress.leftovers = [stretch(1, 7, 100..<140, 4)]
    progress.given = .init(number: 3, offset: 1 << 40)
    progress.rate = 123.5
    let bytes = progress.encoded()
    // The pointers into it do not retain it.
    defer { withExtendedLifetime(bytes) {} }
    #expect(try ReceiverProgress(bytes.bytes) == progress)
    for length in 0..<bytes.count {
      let cut = UnsafeRawBufferPointer(rebasing: bytes.bytes[..<length])
      #expect(throws: ByteReader.Malformed.self) { try ReceiverProgress(cut) }
      #expect(throws: ByteReader.Malformed.self) { try ReceiverPlan(cut) }
    }
    func longer(_ bytes: ByteBuffer) -> ByteBuffer {
      let longer = ByteBuffer(bytes.bytes)
      longer.append(UInt8(0))
      return longer
    }
    let longerProgress = longer(bytes)
    #expect(throws: ByteReader.Malformed.self) { try ReceiverProgress(longerProgress.bytes) }
    for rate in [nil, 0.5] {
      let plan = ReceiverPlan([stretch(1, 2, 3..<40, 5), stretch(1, 3, 0..<40, 5)], rate: rate)
      let planBytes = plan.encoded()
      defer { withExtendedLifetime(planBytes) {} }
      #expect(try ReceiverPlan(planBytes.bytes) == plan)
      let longerPlan = longer(planBytes)
      #expect(throws: ByteReader.Malformed.self) { try ReceiverPlan(longerPlan.bytes) }
    }
  }
}

import MartletCore
import MartletLog
import Testing

@Suite struct SegmentFactsTests {
  private let name = SegmentName(epoch: 2, number: 5)

  /// A segment with an opening and records of 5 bytes; each states the durable length.
  private func segment(synced: [Int], sealed: Bool = false) -> (bytes: ByteBuffer, places: [Int]) {
    let out = ByteBuffer()
    var places: [Int] = []
    func append(_ kind: UInt8, _ synced: Int, _ body: (ByteBuffer) -> Void) {
      places.append(out.count)
      LogFrame.append(kind, count: 3, synced: synced, at: LogFrame.Place(name, out.count), to: out, body)
    }
    append(LogFrame.opening, 0) { SegmentOpening.write(to: $0, "test", before: []) { $0.append("content") } }
    for number in synced { append(7, number) { $0.append("text") } }
    if sealed { append(LogFrame.sealed, 0) { _ in } }
    return (out, places)
  }

  private func flipped(_ bytes: ByteBuffer, _ position: Int) -> ByteBuffer {
    let copy = ByteBuffer(bytes.bytes)
    copy.replace(at: position, with: copy.bytes[position] ^ 1)
    return copy
  }

  private func facts(
    _ bytes: ByteBuffer, _ segment: SegmentName? = nil, salvaging: Bool = false
  ) throws -> (facts: SegmentFacts, visited: Int) {
    var visited = 0
    let facts = try SegmentFacts(segment ?? name, of: "test", in: bytes, salvaging: salvaging) { _, _ in visited += 1 }
    return (facts, visited)
  }

  @Test func `a complete segment has all its frames, and its records are counted`() throws {
    let (bytes, places) = segment(synced: [0, 0], sealed: true)
    let (facts, visited) = try facts(bytes)
    #expect(facts.frames.map(\.range.lowerBound) == [places[1], places[2]])
    #expect(facts.frames.map(\.count) == [3, 3])
    #expect(facts.before == [])
    #expect(facts.end == bytes.count && facts.fault == nil && facts.isSealed)
    #expect(visited == 3)
  }

  @Test func `a change of any byte loses a record; other records show whether it was durable`() throws {
    let (bytes, places) = segment(synced: [0, 0, 0])
    let (told, _) = segment(synced: [0, 0, places[2]])
    for position in 0..<bytes.count {
      let start = try #require(places.last { $0 <= position })
      let torn = try #require(try facts(flipped(bytes, position)).facts.fault)
      #expect(torn.position == start && !torn.wasOnDisk, "byte \(position)")
      let damaged = try #require(try facts(flipped(told, position)).facts.fault)
      // The third record says so of the opening and of the first.
      #expect(damaged.position == start && damaged.wasOnDisk == (start < places[2]), "byte \(position)")
    }
  }

  @Test func `an opening with a larger durable length makes an early end damage`() throws {
    let (bytes, places) = segment(synced: [0, 0])
    var opening = try bytes.header(at: LogFrame.Place(name, 0))
    opening.synced = places[2]
    let payload = try bytes.payload(of: opening)
    let out = ByteBuffer()
    LogFrame.append(LogFrame.opening, synced: places[2], at: LogFrame.Place(name, 0), to: out) { $0.append(payload) }
    out.append(UnsafeRawBufferPointer(rebasing: bytes.bytes[places[1]..<places[2]]))
    #expect(try facts(out).facts.fault == nil)
    out.shorten(by: places[2] - places[1])
    #expect(try facts(out).facts.fault == .init(position: places[1], reason: "it ends too early", wasOnDisk: true))
  }

  @Test func `frames count only in their own place`() throws {
    let (bytes, places) = segment(synced: [0, 0])
    #expect(try facts(bytes, SegmentName(epoch: 2, number: 6)).facts.before == nil)
    let copy = ByteBuffer(bytes.bytes)
    withExtendedLifetime(copy) {
      bytes.append(UnsafeRawBufferPointer(rebasing: copy.bytes[places[1]..<places[2]]))
    }
    #expect(try facts(bytes).facts.frames.count == 2)
  }

  @Test func `salvaging reads the complete frames after a fault`() throws {
    let (bytes, places) = segment(synced: [0, 0, 0])
    let damaged = flipped(bytes, places[2] + LogFrame.headerSize)
    #expect(try facts(damaged).visited == 2)
    #expect(try facts(damaged, salvaging: true).visited == 3)
    #expect(try facts(damaged, salvaging: true).facts.end == places[2])
  }

  @Test func `a segment of another kind of log is a fault`() throws {
    let (bytes, _) = segment(synced: [0])
    let facts = try SegmentFacts(name, of: "other", in: bytes)
    #expect(facts.fault?.reason == "it belongs to the log of a test, not of a other")
  }
}

import Foundation
import MartletCore
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct BlockQueueTests {
  /// An element like those of programs: not `Codable`, and large through its references.
  private struct Message: Sendable {
    var id: Int
    var body: [UInt8]
    var header: [String: String] = [:]
  }

  private final class SharedMessage: Sendable {
    let body: [UInt8]
    init(_ body: [UInt8]) { self.body = body }
  }

  private func held<Element: Sendable>(_ count: Int, _ make: (Int) -> Element) -> Int {
    let queue = BlockQueue<Element>(limit: .max)
    for i in 0..<count { queue.store(make(i)) }
    let held = queue.heldBytes
    // The counted bytes of a block are released with it.
    for block in queue.takeAll() { block.giveBackRoom() }
    #expect(queue.heldBytes == 0)
    return held / count
  }

  @Test func `memory that elements refer to counts against the limit, whatever their type`() {
    let bytes = [UInt8](repeating: 7, count: 100_000)
    let string = String(repeating: "x", count: 100_000)
    let sizes: [(String, Int)] = [
      ("[UInt8]", held(50) { _ in bytes }),
      ("Data", held(50) { _ in Data(bytes) }),
      ("String", held(50) { _ in string }),
      ("Text", held(50) { _ in Text(string) }),
      ("tuple", held(50) { i in (i, bytes) }),
      ("optional", held(50) { _ in Optional(bytes) }),
      ("[String]", held(50) { _ in [String](repeating: "twenty bytes of text", count: 1500) }),
      ("[[UInt8]]", held(50) { _ in [[UInt8](bytes[..<50_000]), [UInt8](bytes[..<50_000])] }),
      ("structure", held(50) { i in Message(id: i, body: bytes) }),
      ("class", held(50) { _ in SharedMessage(bytes) }),
      ("ArraySlice", held(50) { _ in bytes[...] }),
    ]
    for (type, size) in sizes { #expect((90_000...130_000).contains(size), "\(type): \(size)") }
  }

  @Test func `elements of mixed sizes together count about their size`() {
    let large = [UInt8](repeating: 7, count: 100_000)
    let exact = held(1000) { $0 % 8 == 0 ? large : [] }
    #expect((12_000...13_000).contains(exact), "\(exact)")
    let sampled = held(4000) { Message(id: $0, body: $0 % 8 == 0 ? large : []) }
    #expect((8_000...18_000).contains(sampled), "\(sampled)")
  }

  @Test func `elements that are stored together count as much as one by one`() {
    let messages = (0..<50).map { Message(id: $0, body: [UInt8](repeating: 7, count: 1000 * $0)) }
    let (together, single) = (BlockQueue<Message>(limit: .max), BlockQueue<Message>(limit: .max))
    together.store(contentsOf: messages)
    for message in messages { single.store(message) }
    #expect(together.heldBytes == single.heldBytes)
    #expect(together.heldBytes > 500_000)
    for block in together.takeAll() { block.giveBackRoom() }
    #expect(together.heldBytes == 0)
  }

  @Test func `an ending receiver may store as much again, and then waits for batches or the end of the queue`() {
    let queue = BlockQueue<Int>(limit: 800)
    for number in 0..<100 { queue.store(number) }
    queue.endWaits()
    for number in 100..<200 { queue.store(number) }
    #expect(queue.heldBytes == 1600 && !queue.hasLateWaits)
    let storing = BackgroundThread { for number in 200..<1000 { queue.store(number) } }
    storing.begin()
    #expect(waitsLate(queue))
    #expect(queue.heldBytes == 1600)
    // A completed batch makes space.
    let first = queue.takeAll()
    for block in first { block.giveBackRoom() }
    #expect(queue.becomesFull(1600))
    #expect(waitsLate(queue))
    queue.close()
    storing.join()
    #expect(!queue.hasLateWaits)
    #expect(first.reduce(0) { $0 + $1.records } == 200)
    // Blocks from before the end are there; blocks from after it are not.
    #expect(queue.takeAll().reduce(0) { $0 + $1.records } == 200)
    #expect(queue.store(contentsOf: [1]) == nil)
  }

  @Test func `an ending receiver takes its own share of the common memory once more`() {
    let memory = ReceiverMemory(limit: 1600, receivers: 2)
    let queue = BlockQueue<Int>(limit: 100_000)
    queue.share(memory)
    queue.endWaits()
    let storing = BackgroundThread { for number in 0..<1000 { queue.store(number) } }
    storing.begin()
    #expect(waitsLate(queue))
    // Its share is 400 bytes, and it has taken none of the rest.
    #expect(queue.heldBytes == 800)
    queue.close()
    storing.join()
    #expect(queue.heldBytes == 800)
  }

  private func waitsLate(_ queue: BlockQueue<Int>) -> Bool {
    let deadline = MonotonicTime.now + .seconds(60)
    while !queue.hasLateWaits && MonotonicTime.now < deadline { sched_yield() }
    return queue.hasLateWaits
  }

  @Test func `elements without references count only with their own size`() {
    #expect(held(10) { $0 } == 8)
    #expect(held(10) { Double($0) } == 8)
    #expect(held(10) { 0..<($0 * 1_000_000) } == 16)
    #expect(held(10) { _ in Text("short") } == MemoryLayout<Text>.stride)
  }
}

extension BlockQueue {
  fileprivate func becomesFull(_ bytes: Int) -> Bool {
    let deadline = MonotonicTime.now + .seconds(60)
    while heldBytes < bytes && MonotonicTime.now < deadline { sched_yield() }
    return heldBytes == bytes
  }
}

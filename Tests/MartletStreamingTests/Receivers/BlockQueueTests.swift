import Foundation
import MartletCore
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct BlockQueueTests {
  /// A record as a program may have it: not `Codable`, and large through what it points to.
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
    // What was counted for a block is given back with it.
    for block in queue.takeAll() { block.giveBackRoom() }
    #expect(queue.heldBytes == 0)
    return held / count
  }

  @Test func `what elements point to counts against the limit, whatever their type`() {
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

  @Test func `elements of mixed sizes count for about as much as they are, together`() {
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

  @Test func `elements without references count with their size alone`() {
    #expect(held(10) { $0 } == 8)
    #expect(held(10) { Double($0) } == 8)
    #expect(held(10) { 0..<($0 * 1_000_000) } == 16)
    #expect(held(10) { _ in Text("short") } == MemoryLayout<Text>.stride)
  }
}

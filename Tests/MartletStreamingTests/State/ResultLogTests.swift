import MartletCore
import MartletLog
import MartletRDD
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct ResultLogTests {
  private let context = MartletContext(master: "local[2]", appName: "results")

  private func log<Element: Sendable>(_ type: Element.Type) -> ResultLog<Element> {
    ResultLog(context, OperatorSite("mapWithState", #fileID, #line))
  }

  private func buffers<Element>(_ partitions: [[Element]]) -> [ElementBuffer<Element>] {
    partitions.map { elements in
      let buffer = ElementBuffer<Element>()
      for element in elements { buffer.append(element: element) }
      return buffer
    }
  }

  private func expectSame<Element: Sendable>(
    _ partitions: [[Element]], records count: Int? = nil, _ areSame: (Element, Element) -> Bool
  ) throws {
    let log = log(Element.self)
    #expect(try log.records(of: buffers(partitions)).isEmpty, "they are not needed yet")
    log.keep()
    let records = try log.records(of: buffers(partitions))
    if let count { #expect(records.count == count) }
    #expect(records.allSatisfy { $0.kind == .results })
    #expect(records.reduce(0) { $0 + $1.keysSet } == partitions.joined().count)
    let read = try log.read(records)
    let expected = partitions.filter { !$0.isEmpty }
    #expect(read.map(\.count) == expected.map(\.count))
    for (buffer, elements) in zip(read, expected) {
      for (index, element) in elements.enumerated() where !areSame(buffer.base[index], element) {
        Issue.record("\(buffer.base[index]) is not \(element)")
      }
    }
  }

  @Test func `Results are read as they were written, whatever their type and number`() throws {
    try expectSame([[1, 2], [], [3]], records: 2, ==)
    try expectSame([[], []] as [[Int]], records: 0, ==)
    try expectSame([["a", "a text that is longer than fifteen bytes"], [""]] as [[Text]], ==)
    try expectSame([[("a", [1, 2]), ("b", [])]] as [[(String, [Int])]]) { $0 == $1 }
    try expectSame([[(), (), ()], []] as [[Void]]) { _, _ in true }
    try expectSame([Array(0..<100_000), Array(0..<5000)], records: 8, ==)
  }

  @Test func `Invalid bytes are refused`() throws {
    let log = log(Text.self)
    log.keep()
    let record = try #require(try log.records(of: buffers([["a", "a text that is longer than fifteen bytes"]])).first)
    let bytes = Array(record.bytes.bytes)
    for damaged in [
      [9] + bytes.dropFirst(), bytes.dropLast(), bytes + [1], [bytes[0], 255, 255, 255, 255] + bytes[5...],
    ] {
      var bad = record
      bad.bytes = Array(damaged).withUnsafeBytes { ByteBuffer($0) }
      #expect(throws: (any Error).self) { try log.read([bad]) }
    }
  }
}

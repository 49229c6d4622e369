import Foundation
import MartletCore
import MartletTesting
import Testing

/// The values that listeners receive can be encoded and decoded.
@Suite struct EventCodingTests {
  private func checkCopies<Value: Codable & Hashable>(_ value: Value) throws {
    let copy = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    #expect(copy == value)
    #expect(copy.hashValue == value.hashValue)
  }

  @Test func `information about batches, output operations and contexts survives encoding`() throws {
    let test = TestStreamingContext()
    let output = test.output(of: test.stream([[1, 2], [3]]))
    try test.start()
    try test.runBatch()
    try test.runBatch()
    test.stop()
    #expect(output.batches == [[1, 2], [3]])
    let infos = test.events.completedBatches
    #expect(infos.map(\.numRecords) == [2, 1])
    for info in infos {
      try checkCopies(info)
      #expect(!info.outputOperationInfos.isEmpty && !info.streamIDToInputInfo.isEmpty)
    }
    try checkCopies(test.context.progress)
    #expect(test.context.progress.batches == 2)
    #expect(test.context.state == .stopped)
  }

  @Test(arguments: [Int64.min, -1, 0, 1, 1_796_013_658_755_000_001, .max])
  func `a time survives encoding`(_ nanoseconds: Int64) throws {
    try checkCopies(Time(nanoseconds: nanoseconds))
    #expect(try JSONEncoder().encode([Time(nanoseconds: nanoseconds)]) == Data("[\(nanoseconds)]".utf8))
  }

  @Test func `an error includes its cause, and its kind is not one of a closed list`() throws {
    struct Cause: Error {}
    let error = MartletError(.init(rawValue: "mine"), "It failed: Cause().", underlying: Cause())
    #expect(error.code.rawValue == "mine" && error.code != .invalidState)
    #expect(error.underlying is Cause)
    #expect("\(error)" == "It failed: Cause().")
    try checkCopies(error.code)
  }
}

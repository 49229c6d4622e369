import MartletTesting
import TestSupport
import Testing

/// A test stream in a context with a checkpoint.
@Suite(.timeLimit(.minutes(30))) struct TestStreamPlanTests {
  /// A number with one value that cannot be encoded. It has a name, since numbers alone are written as their bytes in
  /// memory.
  private struct Picky: Codable {
    var number: Int
    var name = "picky"

    func encode(to encoder: any Encoder) throws {
      if number == 13 {
        throw EncodingError.invalidValue(number, .init(codingPath: [], debugDescription: "13 is not written"))
      }
      var container = encoder.singleValueContainer()
      try container.encode(number)
    }
  }

  @Test func `a batch with an element that cannot be encoded fails, and says which stream it was pushed into`() throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext()
      test.context.checkpoint("\(folder)/checkpoint")
      let stream = test.stream(of: Picky.self)
      let output = test.output(of: stream)
      stream.push([Picky(number: 1)])
      stream.push([Picky(number: 2), Picky(number: 13)])
      try test.start()
      try test.runBatch()
      let failure = #expect(throws: BatchFailure.self) { try test.runBatch() }
      #expect(failure?.batchTime == Time(milliseconds: 2000))
      let text = "\(failure as Any)"
      for part in ["\(stream.site.name) at \(stream.site.callSite): a batch of 2", "13 is not written", "encode(to:)"] {
        #expect(text.contains(part), "\(text)")
      }
      #expect(output.batches.map { $0.map(\.number) } == [[1]])
      test.stop()
    }
  }
}

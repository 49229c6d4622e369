public import MartletStreaming

/// The result of `operation` for a stream of these batches.
///
/// ```swift
/// #expect(try testOperation([[1, 2], [3]]) { $0.map { $0 + 1 } } == [[2, 3], [4]])
/// ```
/// The batches run on a manual clock, so this takes milliseconds. Keys are in no particular order: compare results of
/// `reduceByKey` and similar operations with `sortedBatches()`.
/// - Parameters:
///   - input: the elements of each batch.
///   - numPartitions: the number of partitions of each input batch.
///   - numBatches: the number of batches to run; by default that of the input. Batches after the end of the input are
///     empty.
/// - Returns: the elements of each batch for which the result has an RDD, in the order of the partitions.
/// - Throws: the `BatchFailure` of the first failed batch, or the error of `start()`.
public func testOperation<Input: Sendable, Output: Sendable>(
  _ input: [[Input]], numPartitions: Int = 2, master: String = "local[2]", batchInterval: Duration = .seconds(1),
  numBatches: Int? = nil, file: StaticString = #fileID, line: UInt = #line,
  _ operation: (DStream<Input>) throws -> DStream<Output>
) throws -> [[Output]] {
  try run(numBatches ?? input.count, master, batchInterval) { test in
    let stream = test.stream(input, numPartitions: numPartitions, file: file, line: line)
    return test.output(of: try operation(stream), file: file, line: line)
  }
}

/// The result of `operation` for two streams of these batches. By default runs the number of batches of the longer
/// input.
public func testOperation<First: Sendable, Second: Sendable, Output: Sendable>(
  _ first: [[First]], _ second: [[Second]], numPartitions: Int = 2, master: String = "local[2]",
  batchInterval: Duration = .seconds(1), numBatches: Int? = nil, file: StaticString = #fileID, line: UInt = #line,
  _ operation: (DStream<First>, DStream<Second>) throws -> DStream<Output>
) throws -> [[Output]] {
  try run(numBatches ?? max(first.count, second.count), master, batchInterval) { test in
    let a = test.stream(first, numPartitions: numPartitions, file: file, line: line)
    let b = test.stream(second, numPartitions: numPartitions, file: file, line: line)
    return test.output(of: try operation(a, b), file: file, line: line)
  }
}

private func run<Output: Sendable>(
  _ numBatches: Int, _ master: String, _ batchInterval: Duration,
  _ setUp: (TestStreamingContext) throws -> StreamOutput<Output>
) throws -> [[Output]] {
  let test = TestStreamingContext(master: master, batchInterval: batchInterval)
  defer { test.stop() }
  let output = try setUp(test)
  try test.start()
  try test.runBatches(numBatches)
  return output.batches
}

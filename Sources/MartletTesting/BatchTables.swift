public import MartletStreaming

/// What `operation` makes of a stream of these batches.
///
/// ```swift
/// #expect(try testOperation([[1, 2], [3]]) { $0.map { $0 + 1 } } == [[2, 3], [4]])
/// ```
/// The batches run on a manual clock, so this takes milliseconds. Keys have no promised order: compare results of
/// `reduceByKey` and the like in `sortedBatches()`.
/// - Parameters:
///   - input: the elements of each batch.
///   - numPartitions: the partitions of each batch of the input.
///   - numBatches: how many batches to run; as many as there are in the input if none are given. Batches behind the
///     end of the input are empty.
/// - Returns: for each batch for which the result has an RDD, its elements in the order of the partitions.
/// - Throws: the `BatchFailure` of the first batch that failed, or what `start()` throws.
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

/// What `operation` makes of two streams of these batches. Runs as many batches as the longer input has, if no number
/// is given.
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

import MartletTesting
import Testing

/// Runs an operator over a table of batches in every way that must give the same result: on one partition and on many,
/// cached, for two consumers, and with an empty batch in front.
func checkOperator<Input: Sendable, Output: Sendable>(
  _ input: [[Input]], _ expected: [[Output]], isStateless: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation, _ operation: (DStream<Input>) -> DStream<Output>
) throws {
  let wanted = bags(expected)
  for (partitions, master) in [(2, "local[2]"), (1, "local[1]"), (7, "local[2]"), (3, "local[4]")] {
    let table = try testOperation(input, numPartitions: partitions, master: master, operation)
    #expect(bags(table) == wanted, "\(partitions) partitions on \(master)", sourceLocation: sourceLocation)
  }
  let cached = try testOperation(input) { operation($0.cache()).persist() }
  #expect(bags(cached) == wanted, "cached", sourceLocation: sourceLocation)
  for caches in [false, true] {
    let (first, second) = try twoConsumers(input, caches: caches, operation)
    #expect(bags(first) == wanted, "first of two consumers, cached: \(caches)", sourceLocation: sourceLocation)
    #expect(bags(second) == wanted, "second of two consumers, cached: \(caches)", sourceLocation: sourceLocation)
  }
  guard isStateless else { return }
  let delayed = try testOperation([[]] + input, operation)
  #expect(bags(delayed).suffix(input.count) == wanted[...], "after an empty batch", sourceLocation: sourceLocation)
}

/// Like `checkOperator` for one input, for an operator of two.
func checkOperator<First: Sendable, Second: Sendable, Output: Sendable>(
  _ first: [[First]], _ second: [[Second]], _ expected: [[Output]], sourceLocation: SourceLocation = #_sourceLocation,
  _ operation: (DStream<First>, DStream<Second>) -> DStream<Output>
) throws {
  let wanted = bags(expected)
  for (partitions, master) in [(2, "local[2]"), (1, "local[1]"), (7, "local[2]")] {
    let table = try testOperation(first, second, numPartitions: partitions, master: master, operation)
    #expect(bags(table) == wanted, "\(partitions) partitions on \(master)", sourceLocation: sourceLocation)
  }
  let cached = try testOperation(first, second) { operation($0.cache(), $1.cache()).persist() }
  #expect(bags(cached) == wanted, "cached", sourceLocation: sourceLocation)
  let delayed = try testOperation([[]] + first, [[]] + second, operation)
  #expect(bags(delayed).dropFirst() == wanted[...], "after an empty batch", sourceLocation: sourceLocation)
}

private func twoConsumers<Input: Sendable, Output: Sendable>(
  _ input: [[Input]], caches: Bool, _ operation: (DStream<Input>) -> DStream<Output>
) throws -> ([[Output]], [[Output]]) {
  let test = TestStreamingContext()
  defer { test.stop() }
  let result = operation(test.stream(input))
  if caches { result.cache() }
  let first = test.output(of: result)
  let second = test.output(of: result.filter { _ in true })
  try test.start()
  try test.runBatches(input.count)
  return (first.batches, second.batches)
}

/// The printed elements of each batch, in one order.
func bags<Element>(_ batches: [[Element]]) -> [[String]] { batches.map { $0.map { "\($0)" }.sorted() } }

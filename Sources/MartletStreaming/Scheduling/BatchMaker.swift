package import MartletCore
import MartletRDD

/// Makes batches: gives each its records, and has the output operations say what they will do.
///
/// For one thread at a time.
final class BatchMaker: Sendable {
  private let graph: StreamGraph
  private let clock: any BatchClock
  private let events: EventSource
  private let program: StreamProgram
  private let checkpoint: Checkpoint?
  /// Those of the output operations.
  private let names: [String]

  init(
    _ graph: StreamGraph, _ program: StreamProgram, clock: any BatchClock, checkpoint: Checkpoint?, events: EventSource
  ) {
    self.graph = graph
    self.program = program
    self.clock = clock
    self.events = events
    self.checkpoint = checkpoint
    names = program.outputs.map { "\($0.site.name) at \($0.site.callSite)" }
  }

  /// Whether something has been received that belongs to no batch yet.
  var hasUnallocated: Bool { program.receivers.contains(where: \.hasUnallocated) }

  /// Whether something has come that belongs to no batch yet. It may take a moment to find out.
  var hasMore: Bool {
    for input in program.inputs { input.prepareLast() }
    // All are asked: those that wait for something have waited then.
    return program.inputs.reduce(hasUnallocated) { $1.hasMore || $0 }
  }

  /// Makes the batch of `time`. When it returns, a checkpoint has on the disk what the batch was given.
  ///
  /// - Parameter isRerun: whether the batch had begun before a restart, so that it has its records already.
  func make(_ time: Time, isRerun: Bool) throws -> Batch {
    graph.noteMaking(time)
    var inputs = [Int: StreamInputInfo]()
    if program.receivers.count > 1 && !isRerun { program.receivers.forEach { $0.beginAllocation() } }
    for input in program.receivers {
      inputs[input.streamID] = StreamInputInfo(
        inputStreamID: input.streamID, numRecords: input.allocate(time), rateLimit: input.rateLimit)
    }
    for window in program.windows { try window.takeRecalled() }
    var jobs: [@Sendable () throws -> Void] = []
    var operations: [OutputOperationInfo] = []
    jobs.reserveCapacity(names.count)
    operations.reserveCapacity(names.count)
    for id in names.indices {
      guard let run = try program.outputs[id].job(time) else { continue }
      jobs.append(run)
      operations.append(OutputOperationInfo(batchTime: time, id: id, name: names[id]))
    }
    for node in program.stateful { try node.registerBatch(time) }
    for node in program.stateOutputs { try node.makeRDD(time) }
    for window in program.windows { try window.makePart(time) }
    for node in program.keeping { try node.makeForLater(time) }
    for input in program.described {
      if let info = input.info(time) { inputs[input.streamID] = info }
    }
    try checkpoint?.plan(time, isRerun: isRerun)
    let info = BatchInfo(
      batchTime: time, streamIDToInputInfo: inputs, submissionTime: clock.now, outputOperationInfos: operations)
    events.post(BatchSubmitted(info: info))
    return Batch(time: time, jobs: jobs, info: info)
  }
}

/// An input that tells what it gave to a batch.
package protocol DescribedInput: InputNode {
  /// What the batch at `time` got; forgotten afterwards.
  func info(_ time: Time) -> StreamInputInfo?
  /// How many records the batch at `time`, which is done, has read of it; forgotten afterwards.
  func recordsRead(_ time: Time) -> Int?
}

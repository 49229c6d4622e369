package import MartletCore
import MartletRDD

/// Makes batches: assigns records to each, and asks the output operations for their work.
///
/// For one thread at a time.
final class BatchMaker: Sendable {
  private let graph: StreamGraph
  private let clock: any BatchClock
  private let events: EventSource
  private let program: StreamProgram
  private let checkpoint: (any BatchJournal)?
  /// Those of the output operations.
  private let names: [String]

  init(
    _ graph: StreamGraph, _ program: StreamProgram, clock: any BatchClock, checkpoint: (any BatchJournal)?,
    events: EventSource
  ) {
    self.graph = graph
    self.program = program
    self.clock = clock
    self.events = events
    self.checkpoint = checkpoint
    names = program.outputs.map { "\($0.site.name) at \($0.site.callSite)" }
  }

  /// True if there are received records that are not assigned to a batch yet.
  var hasUnallocated: Bool { program.receivers.contains(where: \.hasUnallocated) }

  /// True if there is data that is not assigned to a batch yet. It may take a moment to find out.
  var hasMore: Bool {
    for input in program.inputs { input.prepareLast() }
    // All inputs are asked, so that those that wait for something wait at the same time.
    return program.inputs.reduce(hasUnallocated) { $1.hasMore || $0 }
  }

  /// Makes the batch of `time`. When it returns, the plan of the batch is on disk, if there is a checkpoint.
  ///
  /// - Parameter isRerun: true if the batch had begun before a restart, so that its records are already assigned.
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

/// An input that describes its records in a batch.
package protocol DescribedInput: InputNode {
  /// The input info for the batch at `time`; forgotten afterwards.
  func info(_ time: Time) -> StreamInputInfo?
  /// The number of records that the completed batch at `time` has read from it; forgotten afterwards.
  func recordsRead(_ time: Time) -> Int?
}

import MartletCore
import MartletRDD

/// Makes batches: assigns records to each, and asks the output operations for their work.
///
/// For one thread at a time.
final class BatchMaker: Sendable {
  private let graph: StreamGraph
  private let clock: any BatchClock
  private let bus: ListenerBus
  private let receivers: [any ReceiverNode]
  private let inputs: [any InputNode]
  private let describedInputs: [any DescribedInput]
  /// In the order of the program.
  private let statefulNodes: [any StatefulNode]
  /// The streams that windows may read after a later batch has changed the state.
  private let stateOutputs: [any StateOutputNode]
  /// The streams that later batches will read.
  private let keepingNodes: [any KeepingNode]
  private let windows: [any WindowNode]
  private let checkpoint: (any BatchJournal)?
  /// The output operations and their names, in the order of the program.
  private let outputs: [(node: any OutputNode, name: String)]

  init(
    _ graph: StreamGraph, _ statefulNodes: [any StatefulNode], _ stateOutputs: [any StateOutputNode],
    clock: any BatchClock, checkpoint: (any BatchJournal)?, bus: ListenerBus
  ) {
    self.graph = graph
    self.statefulNodes = statefulNodes
    self.stateOutputs = stateOutputs.filter { $0.rememberDuration > .zero }
    keepingNodes = graph.keepingNodes
    windows = graph.windows
    self.clock = clock
    self.bus = bus
    self.checkpoint = checkpoint
    inputs = graph.inputs
    receivers = graph.inputs.compactMap { $0 as? any ReceiverNode }
    describedInputs = graph.inputs.compactMap { $0 as? any DescribedInput }
    outputs = graph.outputs.map { ($0, "\($0.site.name) at \($0.site.callSite)") }
  }

  /// True if there are received records that are not assigned to a batch yet.
  var hasUnallocated: Bool { receivers.contains(where: \.hasUnallocated) }

  /// True if there is data that is not assigned to a batch yet. It may take a moment to find out.
  var hasMore: Bool {
    for input in inputs { input.prepareLast() }
    // All inputs are asked, so that those that wait for something wait at the same time.
    return inputs.reduce(hasUnallocated) { $1.hasMore || $0 }
  }

  /// Makes the batch of `time`. When it returns, the plan of the batch is on disk, if there is a checkpoint.
  ///
  /// - Parameter isRerun: true if the batch had begun before a restart, so that its records are already assigned.
  func make(_ time: Time, isRerun: Bool) throws -> Batch {
    graph.noteMaking(time)
    var inputs = [Int: StreamInputInfo]()
    if receivers.count > 1 && !isRerun { receivers.forEach { $0.beginAllocation() } }
    for input in receivers {
      inputs[input.streamID] = StreamInputInfo(
        inputStreamID: input.streamID, numRecords: input.allocate(time), rateLimit: input.rateLimit)
    }
    for window in windows { try window.takeRecalled() }
    var jobs: [@Sendable () throws -> Void] = []
    var operations: [OutputOperationInfo] = []
    jobs.reserveCapacity(outputs.count)
    operations.reserveCapacity(outputs.count)
    for id in outputs.indices {
      guard let run = try outputs[id].node.job(time) else { continue }
      jobs.append(run)
      operations.append(OutputOperationInfo(batchTime: time, id: id, name: outputs[id].name))
    }
    for node in statefulNodes { try node.registerBatch(time) }
    for node in stateOutputs { try node.makeRDD(time) }
    for window in windows { try window.makePart(time) }
    for node in keepingNodes { try node.makeForLater(time) }
    for input in describedInputs {
      if let info = input.info(time) { inputs[input.streamID] = info }
    }
    try checkpoint?.plan(time, isRerun: isRerun)
    let info = BatchInfo(
      batchTime: time, streamIDToInputInfo: inputs, submissionTime: clock.now, outputOperationInfos: operations)
    if !bus.isEmpty { bus.post { $0.onBatchSubmitted(info) } }
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

import MartletCore
import MartletRDD

/// Makes batches: gives each its records, and has the output operations say what they will do.
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
  /// What windows may ask for when a later batch has changed the state.
  private let stateOutputs: [any StateOutputNode]
  /// What later batches will read of.
  private let keepingNodes: [any KeepingNode]
  private let windows: [any WindowNode]
  private let checkpoint: Checkpoint?
  /// The output operations and their names, in the order of the program.
  private let outputs: [(node: any OutputNode, name: String)]

  init(
    _ graph: StreamGraph, _ statefulNodes: [any StatefulNode], _ stateOutputs: [any StateOutputNode],
    clock: any BatchClock, checkpoint: Checkpoint?, bus: ListenerBus
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
    outputs = graph.outputs.map { ($0, "\($0.site)") }
  }

  /// Whether something has been received that belongs to no batch yet.
  var hasUnallocated: Bool { receivers.contains(where: \.hasUnallocated) }

  /// Whether something has come that belongs to no batch yet. It may take a moment to find out.
  var hasMore: Bool {
    for input in inputs { input.prepareLast() }
    // All are asked: those that wait for something have waited then.
    return inputs.reduce(hasUnallocated) { $1.hasMore || $0 }
  }

  /// Makes the batch of `time`. When it returns, a checkpoint has on the disk what the batch was given.
  ///
  /// - Parameter isRerun: whether the batch had begun before a restart, so that it has its records already.
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

/// An input that tells what it gave to a batch.
package protocol DescribedInput: InputNode {
  /// What the batch at `time` got; forgotten afterwards.
  func info(_ time: Time) -> StreamInputInfo?
  /// How many records the batch at `time`, which is done, has read of it; forgotten afterwards.
  func recordsRead(_ time: Time) -> Int?
}

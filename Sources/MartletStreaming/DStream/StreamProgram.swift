import MartletCore

/// The streams and output operations of a context by what they do. Made once, when the graph is sealed: nobody looks for
/// streams of a kind afterwards.
struct StreamProgram: Sendable {
  /// The sources, in the order of the program.
  let inputs: [any InputNode]
  /// The sources that own a thread.
  let receivers: [any ReceiverNode]
  /// The other ones, which are asked for each batch.
  let polled: [any InputNode]
  /// The sources that look into folders.
  let folders: [any FolderInput]
  /// The sources that tell what they gave to a batch.
  let described: [any DescribedInput]
  /// The output operations, in the order of the program.
  let outputs: [any OutputNode]
  /// Called for every batch, once its output operations are done.
  let completions: [@Sendable (Time) throws -> Void]
  /// All streams that output operations are computed from, each once.
  let streams: [any StreamNode]
  /// The operators with state, parents before what is made of them.
  let stateful: [any StatefulNode]
  /// The streams that look back at earlier batches, parents before what is made of them.
  let windows: [any WindowNode]
  /// Of what comes from states, what later batches may ask for.
  private(set) var stateOutputs: [any StateOutputNode]
  /// The streams that later batches read, parents before what is made of them.
  private(set) var keeping: [any KeepingNode]
  /// The streams, by their ids, that are asked for every RDD of theirs.
  let steadilyRead: Set<Int>
  /// The streams, by their ids, whose last batch can be had once it is done.
  let lookingBack: Set<Int>

  init(
    inputs: [any InputNode], outputs: [any OutputNode], completions: [@Sendable (Time) throws -> Void]
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.completions = completions
    receivers = inputs.compactMap { $0 as? any ReceiverNode }
    polled = inputs.filter { !($0 is any ReceiverNode) }
    folders = inputs.compactMap { $0 as? any FolderInput }
    described = inputs.compactMap { $0 as? any DescribedInput }
    streams = StreamGraph.streams(from: outputs.map(\.root))
    // In the order of the program.
    let ordered = streams.sorted { $0.id < $1.id }
    stateful = ordered.compactMap { $0 as? any StatefulNode }
    windows = ordered.compactMap { $0 as? any WindowNode }
    stateOutputs = ordered.compactMap { $0 as? any StateOutputNode }
    keeping = ordered.compactMap { $0 as? any KeepingNode }
    steadilyRead = StreamGraph.steadilyRead(outputs)
    lookingBack = StreamGraph.lookingBack(outputs.map(\.root) + inputs)
  }

  /// Leaves out the streams that nobody asks for what they made earlier. Called when the graph is initialized.
  mutating func settleDurations() {
    stateOutputs.removeAll { $0.rememberDuration == .zero }
    keeping.removeAll { $0.keepDuration == .zero }
  }
}

package import MartletCore
import Synchronization

/// The streams and output operations of a context.
package final class StreamGraph: Sendable {
  private let state = Mutex(State())

  private struct State {
    var nextStreamID = 0
    var nextInputID = 0
    var inputs: [any InputNode] = []
    var outputs: [any OutputNode] = []
    var isSealed = false
    var problem: (any Error)?
    var rememberDuration: Duration?
    var generatedThrough: Time?
    /// All streams that output operations are computed from, once each.
    var streams: [any StreamNode] = []
    /// The streams that later batches read.
    var keepingNodes: [any KeepingNode] = []
    /// The streams that look back.
    var windows: [any WindowNode] = []
    /// The ids of the streams that are asked for each of their RDDs.
    var steadilyRead: Set<Int> = []
    /// The ids of the streams whose previous batch stays available.
    var lookingBack: Set<Int> = []
    /// The batch that is being made, or was made last.
    var making: Time?
    /// Called for every batch after its output operations.
    var completions: [@Sendable (Time) throws -> Void] = []
    /// The batches to skip, after the first time and up to the second.
    var skipped: (after: Time, through: Time)?
    /// Reports an operation that was called too late.
    var report: (@Sendable (any Error) -> Void)?
  }

  func nextStreamID() -> Int {
    state.withLock { state in
      defer { state.nextStreamID += 1 }
      return state.nextStreamID
    }
  }

  /// Registers an input and returns its number, from 0.
  package func add(_ input: any InputNode) -> Int {
    state.withLock { state in
      defer { state.nextInputID += 1 }
      if !state.isSealed { state.inputs.append(input) }
      return state.nextInputID
    }
  }

  func add(_ output: any OutputNode) { state.withLock { if !$0.isSealed { $0.outputs.append(output) } } }

  package var inputs: [any InputNode] { state.withLock { $0.inputs } }
  package var outputs: [any OutputNode] { state.withLock { $0.outputs } }

  /// Registers `action` to be called for every batch, in order, after its output operations; it may run jobs. An error
  /// fails the batch.
  package func whenOutputsEnd(_ action: @escaping @Sendable (Time) throws -> Void) {
    state.withLock { if !$0.isSealed { $0.completions.append(action) } }
  }

  var completions: [@Sendable (Time) throws -> Void] { state.withLock { $0.completions } }

  /// Stores the first error of building the graph, which `start()` throws.
  package func fail(_ error: any Error) { state.withLock { if $0.problem == nil { $0.problem = error } } }

  var problem: (any Error)? { state.withLock { $0.problem } }

  /// Returns true if the graph may still be changed; if not, `site` is reported as an error, and has no effect.
  package func mayChange(_ site: OperatorSite) -> Bool { refusal(of: site) == nil }

  /// The error if the graph may not be changed any more, which is also reported; `nil` if it may.
  package func refusal(of site: OperatorSite) -> MartletError? {
    guard let report = state.withLock({ $0.isSealed ? $0.report : nil }) else { return nil }
    let error = MartletError(
      .invalidState,
      """
      \(site.name) at \(site.callSite) was called after the streaming context was started or stopped, and has no \
      effect. Set up streams, transformations and output operations before start(). Inside foreachRDD and transform, \
      use the operations of RDD.
      """)
    report(error)
    return error
  }

  /// Ends the building of the graph.
  func seal(_ report: @escaping @Sendable (any Error) -> Void) {
    state.withLock { state in
      state.isSealed = true
      state.report = report
    }
  }

  /// True if the graph is complete.
  package var isSealed: Bool { state.withLock { $0.isSealed } }

  func remember(_ duration: Duration) {
    state.withLock { $0.rememberDuration = max($0.rememberDuration ?? .zero, duration) }
  }

  /// The stateful operators, and the streams of their states and results, in the order of the program.
  var stateNodes: (operators: [any StatefulNode], outputs: [any StateOutputNode]) {
    let nodes = streams(from: outputs.map(\.root) + inputs).sorted { $0.id < $1.id }
    return (nodes.compactMap { $0 as? any StatefulNode }, nodes.compactMap { $0 as? any StateOutputNode })
  }

  func initialize(zeroTime: Time) {
    let (outputs, inputs, duration) = state.withLock { ($0.outputs, $0.inputs, $0.rememberDuration) }
    let steadilyRead = Self.steadilyRead(outputs)
    let lookingBack = Self.lookingBack(outputs.map(\.root) + inputs)
    state.withLock { state in
      state.steadilyRead = steadilyRead
      state.lookingBack = lookingBack
    }
    for output in outputs { output.root.initialize(zeroTime: zeroTime) }
    for input in inputs { input.initialize(zeroTime: zeroTime) }
    if let duration {
      for output in outputs { output.root.remember(duration) }
    }
    let streams = streams(from: outputs.map(\.root))
    let windows = streams.compactMap { $0 as? any WindowNode }
    for window in windows { window.keepParents() }
    // Parents precede their children.
    let keepingNodes = streams.compactMap { $0 as? any KeepingNode }.filter { $0.keepDuration > .zero }
      .sorted { $0.id < $1.id }
    state.withLock { [streams] state in
      state.streams = streams
      state.keepingNodes = keepingNodes
      state.windows = windows.sorted { $0.id < $1.id }
    }
  }

  /// The streams, and all streams that they are computed from, once each.
  package func streams(from roots: [any StreamNode]) -> [any StreamNode] {
    var known: Set<Int> = []
    var streams: [any StreamNode] = []
    var next = roots
    while let stream = next.popLast() {
      guard known.insert(stream.id).inserted else { continue }
      streams.append(stream)
      next += stream.dependencies
    }
    return streams
  }

  /// The streams that later batches read, with parents before children. Known once the graph is initialised.
  var keepingNodes: [any KeepingNode] { state.withLock { $0.keepingNodes } }

  /// The streams that look back at earlier batches. Known once the graph is initialised.
  var windows: [any WindowNode] { state.withLock { $0.windows } }

  /// Returns true if the stream is asked for each of its RDDs. Known once the graph is initialised.
  package func isSteadilyRead(_ stream: any StreamNode) -> Bool {
    state.withLock { $0.steadilyRead.contains(stream.id) }
  }

  /// Returns true if the previous batch of the stream stays available. Known once the graph is initialised.
  func canLookBack(_ stream: any StreamNode) -> Bool { state.withLock { $0.lookingBack.contains(stream.id) } }

  func noteMaking(_ time: Time) { state.withLock { $0.making = time } }

  /// Returns true if the batch at `time` is being made, and not an earlier one that is read again.
  func isBeingMade(_ time: Time) -> Bool { state.withLock { $0.making == time } }

  /// The time of the last batch that has been made; `nil` before the first.
  var generatedThrough: Time? { state.withLock { $0.generatedThrough } }

  /// Skips the batches after `after` and up to `through`.
  func skip(after: Time, through: Time) { state.withLock { $0.skipped = (after, through) } }

  func isSkipped(_ time: Time) -> Bool {
    state.withLock { $0.skipped.map { $0.after < time && time <= $0.through } ?? false }
  }

  func noteGenerated(_ time: Time) { state.withLock { $0.generatedThrough = time } }

  func clearMetadata(_ time: Time) {
    for stream in state.withLock({ $0.streams }) { stream.clearMetadata(time) }
  }

  /// Releases all streams: a stopped context keeps nothing alive.
  func removeAll() {
    state.withLock { state in
      state.inputs = []
      state.outputs = []
      state.completions = []
      state.streams = []
      state.keepingNodes = []
      state.windows = []
    }
  }
}

/// A source of a stream.
package protocol InputNode: StreamNode {
  /// The input's number, from 0 in the order of the program.
  var streamID: Int { get }
  /// Throws if the input cannot start, as far as this can be known in advance: checks settings and types.
  ///
  /// - Parameter isKept: true if the context has a checkpoint.
  func refuseWhatCannotStart(isKept: Bool) throws
  /// Prepares `hasMore`, which will be called soon: many inputs can do so at the same time.
  func prepareLast()
  /// True if there is data that is not assigned to a batch yet, except for records received by a `ReceiverNode`. Called
  /// once, when the context stops gracefully; it may take a moment.
  var hasMore: Bool { get }
  /// True if the context's checkpoint, if there is one, stores the data that arrives and the input of batches.
  var isKeptByCheckpoint: Bool { get }
  /// Starts the input.
  func start() throws
  /// Stops the input.
  func stop()
}

extension InputNode {
  package func refuseWhatCannotStart(isKept: Bool) throws {}
  package func prepareLast() {}
  package var hasMore: Bool { false }
  package var isKeptByCheckpoint: Bool { self is any RecoverableInput }
}

/// An output operation.
package protocol OutputNode: AnyObject, Sendable {
  var site: OperatorSite { get }
  /// The stream that is written.
  var root: any StreamNode { get }
  /// The folders that the operation publishes, if any: no other may publish the same ones.
  var folders: BatchFolders? { get }
  /// The work for the batch at `time`; `nil` if there is none.
  func job(_ time: Time) throws -> (@Sendable () throws -> Void)?
}

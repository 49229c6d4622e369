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
    var problems: [any Error] = []
    var rememberDuration: Duration?
    var generatedThrough: Time?
    /// All streams that output operations are computed from, each once.
    var streams: [any StreamNode] = []
    /// Those of them that later batches read.
    var keepingNodes: [any KeepingNode] = []
    /// Those of them that look back.
    var windows: [any WindowNode] = []
    /// Those that are asked for every RDD of theirs, by their ids.
    var steadilyRead: Set<Int> = []
    /// Those whose last batch can be had once it is done, by their ids.
    var lookingBack: Set<Int> = []
    /// The batch that is being made, or was made last.
    var making: Time?
    /// Called for every batch, once its output operations are done.
    var completions: [@Sendable (Time) throws -> Void] = []
    /// Batches that are left out, after the first time and up to the second.
    var skipped: (after: Time, through: Time)?
    /// Told about an operation that came too late.
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

  var inputs: [any InputNode] { state.withLock { $0.inputs } }
  var outputs: [any OutputNode] { state.withLock { $0.outputs } }

  /// Has `action` called for every batch, in order, once its output operations are done; it may run jobs. What it throws
  /// fails the batch.
  func whenOutputsEnd(_ action: @escaping @Sendable (Time) throws -> Void) {
    state.withLock { if !$0.isSealed { $0.completions.append(action) } }
  }

  var completions: [@Sendable (Time) throws -> Void] { state.withLock { $0.completions } }

  /// Keeps an error of building the graph for `start()` to throw.
  func fail(_ error: any Error) { state.withLock { $0.problems.append(error) } }

  /// The errors of building the graph, in the order of the program.
  var problems: [any Error] { state.withLock { $0.problems } }

  /// Whether the graph may still be changed; if not, `site` is reported as a mistake, and has no effect.
  func mayChange(_ site: OperatorSite) -> Bool { refusal(of: site) == nil }

  /// Why the graph may not be changed any more, which is reported; `nil` if it may.
  func refusal(of site: OperatorSite) -> MartletError? {
    guard let report = state.withLock({ $0.isSealed ? $0.report : nil }) else { return nil }
    let error = MartletError(
      .invalidState,
      """
      \(site) was called after the streaming context was started or stopped, and has no effect. \
      Streams, transformations and output operations are set up before start(); inside foreachRDD and transform, use the \
      operations of RDD.
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

  /// Whether the graph is complete.
  var isSealed: Bool { state.withLock { $0.isSealed } }

  func remember(_ duration: Duration) {
    state.withLock { $0.rememberDuration = max($0.rememberDuration ?? .zero, duration) }
  }

  /// The stateful operators, and the streams of what they hold and give, in the order of the program.
  var stateNodes: (operators: [any StatefulNode], outputs: [any StateOutputNode]) {
    let ids = try? OperatorIDs(roots: outputs.map(\.root), inputs: inputs, areDemanded: false)
    return ((ids?.operators ?? []).map(\.node), ids?.stateOutputs ?? [])
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
    // Parents come before what is made of them.
    let keepingNodes = streams.compactMap { $0 as? any KeepingNode }.filter { $0.keepDuration > .zero }
      .sorted { $0.id < $1.id }
    state.withLock { [streams] state in
      state.streams = streams
      state.keepingNodes = keepingNodes
      state.windows = windows.sorted { $0.id < $1.id }
    }
  }

  /// The streams, and all that they are computed from, each once.
  func streams(from roots: [any StreamNode]) -> [any StreamNode] {
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

  /// The streams that later batches read, parents before what is made of them. Known once the graph is initialised.
  var keepingNodes: [any KeepingNode] { state.withLock { $0.keepingNodes } }

  /// The streams that look back at earlier batches. Known once the graph is initialised.
  var windows: [any WindowNode] { state.withLock { $0.windows } }

  /// Whether the stream is asked for every RDD of its. Known once the graph is initialised.
  package func isSteadilyRead(_ stream: any StreamNode) -> Bool {
    state.withLock { $0.steadilyRead.contains(stream.id) }
  }

  /// Whether the last batch of the stream can be had once it is done. Known once the graph is initialised.
  func canLookBack(_ stream: any StreamNode) -> Bool { state.withLock { $0.lookingBack.contains(stream.id) } }

  func noteMaking(_ time: Time) { state.withLock { $0.making = time } }

  /// Whether the batch at `time` is being made, and is not one that somebody looks back at.
  func isBeingMade(_ time: Time) -> Bool { state.withLock { $0.making == time } }

  /// The time of the last batch that has been made; nil before the first.
  var generatedThrough: Time? { state.withLock { $0.generatedThrough } }

  /// Has the batches after `after` and up to `through` be left out.
  func skip(after: Time, through: Time) { state.withLock { $0.skipped = (after, through) } }

  func isSkipped(_ time: Time) -> Bool {
    state.withLock { $0.skipped.map { $0.after < time && time <= $0.through } ?? false }
  }

  func noteGenerated(_ time: Time) { state.withLock { $0.generatedThrough = time } }

  func clearMetadata(_ time: Time) {
    for stream in state.withLock({ $0.streams }) { stream.clearMetadata(time) }
  }

  /// Lets go of all streams: a stopped context keeps nothing alive.
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
  /// Throws what would keep the input from starting, as far as it can be known before: settings, and types.
  ///
  /// - Parameter isKept: whether the context has a checkpoint.
  func refuseWhatCannotStart(isKept: Bool) throws
  /// Prepares `hasMore`, which will be called soon: many inputs can do it at the same time.
  func prepareLast()
  /// Whether something has come that belongs to no batch yet, but for what a `ReceiverNode` has received. Asked once, when
  /// the context stops gracefully; it may take a moment.
  var hasMore: Bool { get }
  /// Whether the context's checkpoint, if it has one, keeps what comes and what batches are given.
  var isKeptByCheckpoint: Bool { get }
  /// Begins to listen or to look.
  func start() throws
  /// Ends it.
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
  /// The folders that the operation makes appear, if it does: no other may make the same.
  var folders: BatchFolders? { get }
  /// The work for the batch at `time`; `nil` if there is none.
  func job(_ time: Time) throws -> (@Sendable () throws -> Void)?
}

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
    /// What has been set up, once the graph is sealed and until the context has stopped.
    var program: StreamProgram?
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

  /// Stores an error of building the graph, which `start()` throws.
  package func fail(_ error: any Error) { state.withLock { $0.problems.append(error) } }

  /// The errors of building the graph, in the order of the program.
  var problems: [any Error] { state.withLock { $0.problems } }

  /// Returns true if the graph may still be changed; if not, `site` is reported as an error, and has no effect.
  package func mayChange(_ site: OperatorSite) -> Bool { refusal(of: site) == nil }

  /// The error if the graph may no longer be changed, which is also reported; `nil` if it may.
  package func refusal(of site: OperatorSite) -> MartletError? {
    guard let report = state.withLock({ $0.isSealed ? $0.report : nil }) else { return nil }
    let error = MartletError(
      .invalidState,
      """
      \(site) was called after the streaming context was started or stopped, and has no \
      effect. Set up streams, transformations and output operations before start(). Inside foreachRDD and transform, \
      use the operations of RDD.
      """)
    report(error)
    return error
  }

  /// Ends the building of the graph.
  @discardableResult
  func seal(_ report: @escaping @Sendable (any Error) -> Void) -> StreamProgram {
    let (inputs, outputs, completions) = state.withLock { state in
      state.isSealed = true
      state.report = report
      return (state.inputs, state.outputs, state.completions)
    }
    let program = StreamProgram(inputs: inputs, outputs: outputs, completions: completions)
    state.withLock { $0.program = program }
    return program
  }

  /// What has been set up; `nil` before the graph is sealed, and when the context has stopped.
  var program: StreamProgram? { state.withLock { $0.program } }

  /// True if the graph is complete.
  package var isSealed: Bool { state.withLock { $0.isSealed } }

  func remember(_ duration: Duration) {
    state.withLock { $0.rememberDuration = max($0.rememberDuration ?? .zero, duration) }
  }

  /// Has all streams know the time after which the first batch lies, and how long they keep their RDDs.
  ///
  /// - Returns: what has been set up, as far as batches need it.
  func initialize(_ program: StreamProgram, zeroTime: Time) -> StreamProgram {
    for output in program.outputs { output.root.initialize(zeroTime: zeroTime) }
    for input in program.inputs { input.initialize(zeroTime: zeroTime) }
    if let duration = state.withLock({ $0.rememberDuration }) {
      for output in program.outputs { output.root.remember(duration) }
    }
    for window in program.windows { window.keepParents() }
    var program = program
    program.settleDurations()
    return program
  }

  /// The streams, and all streams that they are computed from, once each.
  package static func streams(from roots: [any StreamNode]) -> [any StreamNode] {
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

  /// Returns true if the stream is asked for each of its RDDs. Known once the graph is sealed.
  package func isSteadilyRead(_ stream: any StreamNode) -> Bool {
    state.withLock { $0.program?.steadilyRead.contains(stream.id) ?? false }
  }

  /// Returns true if the previous batch of the stream stays available. Known once the graph is sealed.
  func canLookBack(_ stream: any StreamNode) -> Bool {
    state.withLock { $0.program?.lookingBack.contains(stream.id) ?? false }
  }

  func noteMaking(_ time: Time) { state.withLock { $0.making = time } }

  /// Returns true if the batch at `time` is being made, and not an earlier one that is read again.
  func isBeingMade(_ time: Time) -> Bool { state.withLock { $0.making == time } }

  /// Skips the batches after `after` and up to `through`.
  func skip(after: Time, through: Time) { state.withLock { $0.skipped = (after, through) } }

  func isSkipped(_ time: Time) -> Bool {
    state.withLock { $0.skipped.map { $0.after < time && time <= $0.through } ?? false }
  }

  /// Releases all streams: a stopped context keeps nothing alive.
  func removeAll() {
    state.withLock { state in
      state.inputs = []
      state.outputs = []
      state.completions = []
      state.program = nil
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

extension OutputNode {
  package var place: String? { nil }
}

/// An output operation.
package protocol OutputNode: AnyObject, Sendable {
  var site: OperatorSite { get }
  /// The stream that is written.
  var root: any StreamNode { get }
  /// The folders that the operation publishes, if any: no other may publish the same ones.
  var folders: BatchFolders? { get }
  /// The place to which the operation writes, if no other may: such as `the table default.counts as the stream 'app'`.
  var place: String? { get }
  /// The work for the batch at `time`; `nil` if there is none.
  func job(_ time: Time) throws -> (@Sendable () throws -> Void)?
}

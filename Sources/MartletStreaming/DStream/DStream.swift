import Logging
public import MartletCore
public import MartletRDD
import Synchronization

/// A stream: one RDD for every batch.
///
/// An operator is a subclass that answers three questions: on which streams it depends, how often it makes an RDD, and
/// which RDD it makes for a batch time. Transformations (`map`, `reduceByKey` …) make new streams and compute nothing;
/// work is done for output operations (`pprint`, `foreachRDD`, `saveAsTextFiles`) alone, once the context is started.
///
/// ```swift
/// let counts = ssc.socketTextStream("localhost", 9999)
///   .flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+)
/// counts.pprint()
/// ```
open class DStream<Element: Sendable>: StreamNode, @unchecked Sendable {
  // Sendable: constants and mutexes, here and, where they do not say otherwise, in all subclasses of Martlet's.
  /// The context that the stream belongs to.
  public let context: StreamingContext
  /// A number that no other stream of the context has.
  public let id: Int
  public let site: OperatorSite
  private let state = Mutex(StreamState())
  /// Why the stream is in no batch, if it was made too late.
  private let refusal: MartletError?

  /// For subclasses: `site` names the operation in error messages.
  public init(context: StreamingContext, site: OperatorSite) {
    self.context = context
    self.site = site
    id = context.graph.nextStreamID()
    refusal = context.graph.refusal(of: site)
  }

  // MARK: What an operator answers

  /// The streams that this one is computed from.
  open var dependencies: [any StreamNode] { [] }

  /// The time between two RDDs of this stream.
  open var slideDuration: Duration { dependencies.first?.slideDuration ?? context.batchInterval }

  /// The RDD of the batch at `time`; `nil` if there is none. Called once for a batch, on the driver.
  open func compute(_ time: Time) throws -> RDD<Element>? { nil }

  /// Whether `compute` gives this RDD to every batch like the one it was asked for, so that it need not be remembered.
  package func isShared(_ rdd: RDD<Element>) -> Bool { false }

  /// How long the RDDs of the parents must be kept for this stream's sake.
  open var parentRememberDuration: Duration { rememberDuration }

  // MARK: What the graph calls

  /// The RDD of `time`: the one that was made before, or a new one.
  ///
  /// An input has none for a batch that it has forgotten: what came then has been given away.
  public final func rdd(at time: Time) throws -> RDD<Element>? {
    let found = state.withLock { $0.find(time) }
    // Only RDDs of this stream are put there.
    if let known = found.rdd { return unsafeDowncast(known, to: RDD<Element>.self) }
    if let refusal { throw refusal }
    if found.isForgotten && self is any InputNode { return nil }
    guard found.isValid, !context.graph.isSkipped(time), let rdd = try compute(time) else { return nil }
    if isShared(rdd) { return rdd }
    return state.withLock { state in
      // Somebody who looks back may have made it at the same time.
      if let known = state.find(time).rdd { return unsafeDowncast(known, to: RDD<Element>.self) }
      let isOurs = state.storageLevel != nil && rdd.storageLevel == nil
      if let level = state.storageLevel { rdd.persist(level) }
      state.generated.insert(GeneratedRDD(time: time, rdd: rdd, isPersistedByStream: isOurs))
      return rdd
    }
  }

  /// Has `rdd(at:)` find an RDD that a batch before a restart has had. Called in order of the batches, before any other is
  /// made.
  final func putBack(_ rdd: RDD<Element>, at time: Time) {
    state.withLock { $0.generated.insert(GeneratedRDD(time: time, rdd: rdd, isPersistedByStream: false)) }
  }

  /// The time after which the first batch lies; `nil` before the start.
  package final var zeroTime: Time? { state.withLock { $0.zeroTime } }

  /// Sets the time after which the first batch lies, here and in all parents.
  public final func initialize(zeroTime: Time) {
    let slide = slideDuration
    let canLookBack = context.graph.canLookBack(self)
    let isNew = state.withLock { state in
      guard state.zeroTime == nil else { return false }
      state.zeroTime = zeroTime
      state.slide = slide.nanoseconds
      if canLookBack {
        state.lookBack = slide.nanoseconds
        // What others make of one batch can be made again.
        if !(self is any SteadyReader) { state.kept = slide.nanoseconds }
      }
      return true
    }
    guard isNew else { return }
    for parent in dependencies { parent.initialize(zeroTime: zeroTime) }
    for parent in dependencies { parent.remember(parentRememberDuration) }
  }

  /// How long RDDs are kept once their batch is completed, as far as somebody has asked for it.
  public final var rememberDuration: Duration { .nanoseconds(state.withLock { $0.remembered ?? 0 }) }

  /// Keeps the RDDs for at least so long, and those of the parents long enough for it.
  public final func remember(_ duration: Duration) {
    let isLonger = state.withLock { state in
      if let known = state.remembered, known >= duration.nanoseconds { return false }
      state.remembered = duration.nanoseconds
      // How long parents must remember is known when the whole graph is; then they are told.
      return state.zeroTime != nil
    }
    guard isLonger else { return }
    for parent in dependencies { parent.remember(parentRememberDuration) }
  }

  /// Forgets the RDDs of this stream that nobody needs any more, once the batch at `time` is completed.
  public final func clearMetadata(_ time: Time) {
    // One by one, since it may take long to let go of one, and without the lock.
    while let old = state.withLock({ $0.takeForgotten(time) }) {
      if old.isPersistedByStream { unsafeDowncast(old.rdd, to: RDD<Element>.self).unpersist() }
    }
  }

  // MARK: Keeping

  /// Keeps every RDD of the stream once it is computed, for as long as the batch is remembered. Worth it for a stream
  /// that several output operations use, which would compute it once each.
  @discardableResult
  public final func persist(
    _ level: StorageLevel = .memoryOnly, file: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    guard context.graph.mayChange(OperatorSite("persist", file, line)) else { return self }
    state.withLock { $0.storageLevel = level }
    return self
  }

  /// Keeps the RDDs as `persist` does, unless the program has said how they are to be kept.
  final func persistByDefault(_ level: StorageLevel) { state.withLock { $0.storageLevel = $0.storageLevel ?? level } }

  /// `persist(.memoryOnly)`.
  @discardableResult
  public final func cache(file: StaticString = #fileID, line: UInt = #line) -> Self {
    persist(.memoryOnly, file: file, line: line)
  }

  // MARK: Checkpoints

  /// The name that the program gave the operator.
  public final var name: String? { state.withLock { $0.name } }

  /// Gives the operator a name by which a checkpoint knows it, wherever it stands in the program.
  ///
  /// Without one, a stateful operator is known by the sources and stateful operators that it is computed from. Two that
  /// cannot be told apart in that way must have names. One that is given a name later goes on with its state.
  @discardableResult
  public final func name(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> Self {
    guard context.graph.mayChange(OperatorSite("name", file, line)) else { return self }
    state.withLock { $0.name = name }
    return self
  }

  /// Bounds the part of the log that is read again after a restart: at least once in `interval`, the state of the
  /// stream begins to be written anew. What a batch changes is logged with every batch in any case, so nothing more is
  /// lost with a longer interval. Where windows look back at state, the log is read as far back as they do, and state is
  /// written anew no more than four times in that time.
  ///
  /// - Parameter interval: a multiple of the stream's own interval; refused by `start()` otherwise.
  @discardableResult
  public final func checkpoint(
    _ interval: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    guard context.graph.mayChange(OperatorSite("checkpoint", file, line)) else { return self }
    if interval <= .zero || !interval.isMultiple(of: slideDuration) {
      context.graph.fail(
        MartletError(
          .invalidConfiguration,
          """
          checkpoint(\(interval.text)) at \(file):\(line): the interval must be a multiple of the stream's own, which \
          is \(slideDuration.text).
          """))
    }
    state.withLock { $0.checkpointInterval = interval }
    return self
  }

  /// What `checkpoint(_:)` was called with.
  public final var checkpointInterval: Duration? { state.withLock { $0.checkpointInterval } }

  // MARK: Looking back

  /// The RDDs of the batches from `from` to `to`, both included, as far as they have been made and are remembered.
  ///
  /// The batch before can always be had, if neither a receiver nor a window or a state is among what the stream is
  /// computed from: it is computed again, with the closures of `transform`. For other streams, and to look farther back,
  /// call `remember(_:)` of the context before `start()`. Batches that have not been made are left out.
  public final func slice(_ from: Time, _ to: Time) throws -> [RDD<Element>] {
    let (zeroTime, forgotten) = state.withLock { ($0.zeroTime, $0.forgottenThrough) }
    if let refusal { throw refusal }
    guard let zero = zeroTime else {
      throw MartletError(.invalidState, "slice() of \(site.name) at \(site.callSite) was called before start().")
    }
    let slide = slideDuration
    // There are none before, and there may be very many times.
    let before = max(zero, forgotten ?? zero)
    if to > zero && to <= before { reportForgotten(through: to) }
    guard let last = context.graph.generatedThrough, to > before else { return [] }
    return try max(from, before).floor(slide, zero).to(min(last, to).floor(slide, zero), slide)
      .filter { $0 > before }.compactMap { try rdd(at: $0) }
  }

  /// Tells the log, once, that somebody has asked for nothing but batches that are forgotten.
  private func reportForgotten(through time: Time) {
    let isFirst = state.withLock { state in
      defer { state.hasReportedForgotten = true }
      return !state.hasReportedForgotten
    }
    guard isFirst else { return }
    context.sparkContext.logger.warning(
      """
      slice() of \(site.name) at \(site.callSite) was asked for batches up to that of \(time.localDescription), which are \
      forgotten. To have them, call remember(_:) of the streaming context before start().
      """)
  }
}

/// What a stream remembers, without its elements' type, as `GeneratedRDDs`. Durations are in nanoseconds, since their
/// arithmetic shows in what an empty batch costs.
private struct StreamState {
  var generated = GeneratedRDDs()
  /// RDDs up to this time have been forgotten.
  var forgottenThrough: Time?
  var zeroTime: Time?
  /// `slideDuration`, which is asked of the parents, as it was when the stream was started.
  var slide: Int64 = 0
  /// `rememberDuration`, if it was set.
  var remembered: Int64?
  /// How long RDDs are kept at least.
  var kept: Int64 = 0
  /// How far back there are RDDs at least: those that are not kept can be made again.
  var lookBack: Int64 = 0
  var hasReportedForgotten = false
  var storageLevel: StorageLevel?
  var name: String?
  var checkpointInterval: Duration?

  /// What there is for the batch at `time`; whether that is forgotten; whether the stream has such a batch.
  func find(_ time: Time) -> (rdd: AnyObject?, isForgotten: Bool, isValid: Bool) {
    if let rdd = generated[time] { return (rdd, false, true) }
    var isForgotten = false
    if let forgottenThrough { isForgotten = time.nanoseconds <= forgottenThrough.nanoseconds }
    guard let zeroTime else { return (nil, isForgotten, false) }
    let since = time.nanoseconds - zeroTime.nanoseconds
    return (nil, isForgotten, since > 0 && since % slide == 0)
  }

  /// The oldest RDD, if it need not be remembered once the batch at `time` is completed.
  mutating func takeForgotten(_ time: Time) -> GeneratedRDD? {
    let remembered = remembered ?? 0
    let limit = Time(nanoseconds: time.nanoseconds - max(remembered, lookBack))
    if forgottenThrough.map({ $0.nanoseconds < limit.nanoseconds }) ?? true { forgottenThrough = limit }
    return generated.takeOldest(through: Time(nanoseconds: time.nanoseconds - max(remembered, kept)))
  }
}

/// A stream of whatever elements, as the graph sees it.
public protocol StreamNode: AnyObject, Sendable {
  var context: StreamingContext { get }
  var id: Int { get }
  var site: OperatorSite { get }
  var dependencies: [any StreamNode] { get }
  var slideDuration: Duration { get }
  var rememberDuration: Duration { get }
  /// The name that the program gave the operator.
  var name: String? { get }
  /// The longest time between two beginnings of writing state anew.
  var checkpointInterval: Duration? { get }
  func initialize(zeroTime: Time)
  func remember(_ duration: Duration)
  func clearMetadata(_ time: Time)
}

import Logging
public import MartletCore
public import MartletRDD
import Synchronization

/// A stream: one RDD for every batch.
///
/// Transformations (`map`, `reduceByKey` …) make new streams and compute nothing;
/// work is done for output operations (`pprint`, `foreachRDD`, `saveAsTextFiles`) alone, once the context is started.
///
/// ```swift
/// let counts = ssc.socketTextStream("localhost", 9999)
///   .flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+)
/// counts.pprint()
/// ```
/// A source of your own is a ``ReplayableSource`` or a ``StreamReceiver``.
// Open for `TestStream`. An operator is a subclass that answers three questions: on which streams it depends, how often it
// makes an RDD, and which RDD it makes for a batch time.
open class DStream<Element: Sendable>: StreamNode, @unchecked Sendable {
  // Sendable: constants and mutexes, here and, where they do not say otherwise, in all subclasses of Martlet's.
  /// The context that the stream belongs to.
  public let context: StreamingContext
  /// A number that no other stream of the context has.
  package let id: Int
  package let site: OperatorSite
  private let state = Mutex(StreamState())
  /// Why the stream is in no batch, if it was made too late.
  private let refusal: MartletError?

  /// `site` names the operation in error messages.
  // Inlinable, as those of `RDD` and `ChunkReader`: Swift 6.3 takes what it makes in subclasses of one that is not for endless
  // recursion.
  @usableFromInline package init(context: StreamingContext, site: OperatorSite) {
    self.context = context
    self.site = site
    id = context.graph.nextStreamID()
    refusal = context.graph.refusal(of: site)
  }

  // MARK: What an operator answers

  /// The streams that this one is computed from.
  package var dependencies: [any StreamNode] { [] }

  /// The time between two RDDs of this stream.
  public var slideDuration: Duration { dependencies.first?.slideDuration ?? context.batchInterval }

  /// The RDD of the batch at `time`; `nil` if there is none. Called once for a batch, on the driver.
  open func compute(_ time: Time) throws -> RDD<Element>? { nil }

  /// Whether `compute` gives this RDD to every batch like the one it was asked for, so that it need not be remembered.
  package func isShared(_ rdd: RDD<Element>) -> Bool { false }

  /// How long the RDDs of the parents must be kept for this stream's sake.
  ///
  /// They keep with them what they are computed from, such as what a receiver has stored: beyond
  /// `martlet.memory.bytes`, on disk.
  package var parentRememberDuration: Duration { rememberDuration }

  /// Whether RDDs that are kept need not be stored: they hold what they need, and nothing else.
  package var keepsItsElements: Bool { false }

  // MARK: What the graph calls

  /// The RDD of `time`: the one that was made before, or a new one.
  ///
  /// An input has none for a batch that it has forgotten: what came then has been given away.
  package final func rdd(at time: Time) throws -> RDD<Element>? {
    let found = state.withLock { $0.find(time) }
    // Only RDDs of this stream are put there.
    if let known = found.rdd { return unsafeDowncast(known, to: RDD<Element>.self) }
    if let refusal { throw refusal }
    if found.isForgotten && self is any InputNode { return nil }
    guard found.isValid, !context.graph.isSkipped(time), let rdd = try compute(time) else { return nil }
    if isShared(rdd) { return rdd }
    let isForLater = found.hasReaders && isReadLater(time)
    // Stored, so that what it is computed from need not be kept.
    let isLasting = isForLater && !keepsItsElements && !rdd.holdsItsElements && !rdd.isKnownEmpty
    return state.withLock { state in
      // Somebody who looks back may have made it at the same time.
      if let known = state.find(time).rdd { return unsafeDowncast(known, to: RDD<Element>.self) }
      if isLasting {
        let lasting = state.lasting(rdd, at: time)
        state.generated.insert(GeneratedRDD(time: time, rdd: lasting, isPersistedByStream: false))
        return lasting
      }
      let isOurs = state.storageLevel != nil && rdd.storageLevel == nil
      if let level = state.storageLevel { rdd.persist(level) }
      state.generated.insert(
        GeneratedRDD(
          time: time, rdd: rdd, isPersistedByStream: isOurs, isPassing: found.hasReaders && !isForLater))
      return rdd
    }
  }

  /// Whether a later batch will read the RDD of the batch at `time`, as far as the graph tells.
  private func isReadLater(_ time: Time) -> Bool {
    let (zeroTime, readers, isOfState) = state.withLock { ($0.zeroTime, $0.readers, $0.isOfState) }
    guard let zeroTime else { return false }
    return isOfState || readers.contains { $0.needsLater(time, zeroTime) }
  }

  /// Has `rdd(at:)` find an RDD that a batch before a restart has had. Called in order of the batches, before any other is
  /// made.
  ///
  /// Its elements are stored at once, since they can be read at this moment alone.
  final func putBack(_ rdd: RDD<Element>, at time: Time) throws {
    let lasting = state.withLock { $0.lasting(rdd, at: time) }
    try lasting.complete()
    state.withLock { $0.generated.insert(GeneratedRDD(time: time, rdd: lasting, isPersistedByStream: false)) }
  }

  /// The time after which the first batch lies; `nil` before the start.
  package final var zeroTime: Time? { state.withLock { $0.zeroTime } }

  /// Sets the time after which the first batch lies, here and in all parents.
  package final func initialize(zeroTime: Time) {
    let slide = slideDuration
    let canLookBack = context.graph.canLookBack(self)
    let isOfState = self is any StateOutputNode
    let isNew = state.withLock { state in
      guard state.zeroTime == nil else { return false }
      state.isOfState = isOfState
      state.zeroTime = zeroTime
      state.slide = slide.nanoseconds
      if canLookBack {
        state.lookBack = slide.nanoseconds
        // What others make of one batch can be made again.
        if !(self is any SameBatchReader) { state.kept = slide.nanoseconds }
      }
      return true
    }
    guard isNew else { return }
    for parent in dependencies { parent.initialize(zeroTime: zeroTime) }
    for parent in dependencies { parent.remember(parentRememberDuration) }
  }

  /// How long RDDs are kept once their batch is completed, as far as somebody has asked for it.
  public final var rememberDuration: Duration { .nanoseconds(state.withLock { $0.remembered ?? 0 }) }

  /// Keeps the RDDs for at least so long, and those of the parents long enough for it, for `slice`.
  ///
  /// What receivers have stored is kept with them: it counts against `martlet.memory.bytes`, and goes to disk beyond that.
  public final func remember(_ duration: Duration) {
    let isLonger = state.withLock { state in
      if let known = state.remembered, known >= duration.nanoseconds { return false }
      state.remembered = duration.nanoseconds
      // How long parents must remember is known when the whole graph is; then they are told.
      return state.zeroTime != nil
    }
    guard isLonger else { return }
    for parent in dependencies { parent.remember(parentRememberDuration) }
    (self as? any WindowNode)?.keepParents()
  }

  /// Forgets the RDDs of this stream that nobody needs any more, once the batch at `time` is completed.
  package final func clearMetadata(_ time: Time) {
    // One by one, since it may take long to let go of one, and without the lock.
    while let old = state.withLock({ $0.takeForgotten(time) }) {
      if old.isPersistedByStream { unsafeDowncast(old.rdd, to: RDD<Element>.self).unpersist() }
    }
  }

  // MARK: Keeping

  /// Keeps every RDD of the stream once it is computed, for as long as the batch is remembered. Worth it for a stream
  /// that several output operations use, which would compute it once each.
  ///
  /// What is kept counts against `martlet.memory.bytes`. What a window reads later is kept without this, and never
  /// dropped: then `.diskOnly` has it kept on disk, and the other levels in memory as far as there is room, else on disk.
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

  /// Bounds the part of the log that is read again after a restart: at least once in `interval`, Martlet starts to
  /// write the whole state of the stream again. What a batch changes is logged with every batch in any case, so nothing
  /// more is lost with a longer interval. Where windows look back at state, the log is read as far back as they do, and
  /// the whole state is written no more than four times in that time.
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
  /// The previous batch is always available if the stream is not computed from a receiver, a window or a state: it is
  /// computed again, with the closures of `transform`. For other streams, and to look farther back, call `remember(_:)`
  /// of the context before `start()`. Batches that have not been made are left out.
  ///
  /// - Parameters:
  ///   - first: the earliest time of a batch.
  ///   - last: the latest.
  public final func slice(from first: Time, through last: Time) throws -> [RDD<Element>] {
    let (zeroTime, forgotten) = state.withLock { ($0.zeroTime, $0.forgottenThrough) }
    if let refusal { throw refusal }
    guard let zero = zeroTime else {
      throw MartletError(.invalidState, "slice() of \(site) was called before start().")
    }
    let slide = slideDuration
    // There are none before, and there may be very many times.
    let before = max(zero, forgotten ?? zero)
    if last > zero && last <= before { reportForgotten(through: last) }
    guard let made = context.graph.generatedThrough, last > before else { return [] }
    return try max(first, before).floor(slide, zero).to(min(made, last).floor(slide, zero), slide)
      .filter { $0 > before }.compactMap { try rdd(at: $0) }
  }

  /// `slice(from:through:)`, as Spark writes it.
  public final func slice(_ from: Time, _ to: Time) throws -> [RDD<Element>] {
    try slice(from: from, through: to)
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
      slice() of \(site) asks for batches up to \(time.localDescription), which are not kept any more. \
      To keep them, call remember(_:) on the streaming context before start().
      """)
  }
}

/// What a stream remembers, without its elements' type, as `GeneratedRDDs`. Durations are in nanoseconds, since their
/// arithmetic shows in what an empty batch costs.
private struct StreamState {
  /// What later batches read: see `KeepingNode`.
  var readers: [any WindowNode] = []
  /// Whether RDDs come from a state, and so cannot be computed again.
  var isOfState = false
  /// How long RDDs are kept for them.
  var keptForReaders: Int64 = 0
  /// Where kept elements are written that memory has no room for: a `LastingSpace`.
  var lastingSpace: AnyObject?
  /// Those whose elements may not all be there yet.
  var incomplete: [(time: Time, rdd: any IncompleteRDD)] = []
  /// The last one, and what it is made of, which may be that of the next batch, too.
  weak var lastLasting: AnyObject?
  weak var lastLastingSource: AnyObject?
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
  func find(_ time: Time) -> (rdd: AnyObject?, isForgotten: Bool, isValid: Bool, hasReaders: Bool) {
    if let rdd = generated[time] { return (rdd, false, true, false) }
    var isForgotten = false
    if let forgottenThrough { isForgotten = time.nanoseconds <= forgottenThrough.nanoseconds }
    let hasReaders = !readers.isEmpty || isOfState && (remembered ?? 0) > 0
    guard let zeroTime else { return (nil, isForgotten, false, hasReaders) }
    let since = time.nanoseconds - zeroTime.nanoseconds
    return (nil, isForgotten, since > 0 && since % slide == 0, hasReaders)
  }

  /// An RDD that stores the elements of `rdd`.
  mutating func lasting<Element>(_ rdd: RDD<Element>, at time: Time) -> LastingRDD<Element> {
    // A table that every batch has is stored once. Only RDDs of the stream are put there.
    if lastLastingSource === rdd, let last = lastLasting {
      return unsafeDowncast(last, to: LastingRDD<Element>.self)
    }
    let space =
      lastingSpace.map { unsafeDowncast($0, to: LastingSpace<Element>.self) } ?? LastingSpace(rdd.context)
    lastingSpace = space
    let lasting = LastingRDD(rdd, space, isOnDisk: storageLevel == .diskOnly)
    lastLasting = lasting
    lastLastingSource = rdd
    incomplete.append((time, lasting))
    return lasting
  }

  /// The oldest RDD, if it need not be remembered once the batch at `time` is completed.
  mutating func takeForgotten(_ time: Time) -> GeneratedRDD? {
    let remembered = remembered ?? 0
    let limit = Time(nanoseconds: time.nanoseconds - max(remembered, lookBack, keptForReaders))
    if forgottenThrough.map({ $0.nanoseconds < limit.nanoseconds }) ?? true { forgottenThrough = limit }
    if keptForReaders > 0 && remembered == 0 && kept == 0, let passed = generated.takePassing(at: time) {
      return passed
    }
    return generated.takeOldest(through: Time(nanoseconds: time.nanoseconds - max(remembered, kept, keptForReaders)))
  }
}

extension DStream: KeepingNode {
  package final func keep(for reader: any WindowNode, _ duration: Duration) {
    let isLonger = state.withLock { state in
      if !state.readers.contains(where: { $0.id == reader.id }) { state.readers.append(reader) }
      if state.keptForReaders >= duration.nanoseconds { return false }
      state.keptForReaders = duration.nanoseconds
      return true
    }
    // A window that is looked back at is made of what it looks back at.
    if isLonger, let window = self as? any WindowNode { window.keepParents() }
  }

  package final var keepDuration: Duration {
    .nanoseconds(state.withLock { max($0.remembered ?? 0, $0.keptForReaders) })
  }

  package final func makeForLater(_ time: Time) throws {
    // Who remembers without a window may ask for it at any time.
    guard rememberDuration > .zero || isReadLater(time) else { return }
    _ = try rdd(at: time)
  }

  package final func keepBatches(_ time: Time) throws {
    let due = state.withLock { state in
      if state.incomplete.isEmpty { return [any IncompleteRDD]() }
      let due = state.incomplete.filter { $0.time <= time }.map(\.rdd)
      state.incomplete.removeAll { $0.time <= time }
      return due
    }
    for rdd in due { try rdd.complete() }
  }
}

/// A stream of whatever elements, as the graph sees it.
package protocol StreamNode: AnyObject, Sendable {
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

import Logging
public import MartletCore
public import MartletRDD
import Synchronization

/// A stream: one RDD for every batch.
///
/// Transformations (`map`, `reduceByKey` …) create new streams and compute nothing. Only output operations (`pprint`,
/// `foreachRDD`, `saveAsTextFiles`) cause work, once the context is started.
///
/// ```swift
/// let counts = ssc.socketTextStream("localhost", 9999)
///   .flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+)
/// counts.pprint()
/// ```
/// For your own source, implement ``ReplayableSource`` or ``StreamReceiver``.
// Open for `TestStream`. An operator is a subclass that defines on which streams it depends, how often it makes an RDD,
// and which RDD it makes for a batch time.
open class DStream<Element: Sendable>: StreamNode, @unchecked Sendable {
  // Sendable: constants and mutexes, here and in all of Martlet's subclasses, unless they say otherwise.
  /// The context that the stream belongs to.
  public let context: StreamingContext
  /// The id of the stream, unique in its context.
  package let id: Int
  package let site: OperatorSite
  private let state = Mutex(StreamState())
  /// The error if the stream was created too late to be in a batch.
  private let refusal: MartletError?

  /// `site` names the operation in error messages.
  // Inlinable, as those of `RDD` and `ChunkReader`: otherwise Swift 6.3 mistakes the initializers that it generates in
  // subclasses for endless recursion.
  @usableFromInline package init(context: StreamingContext, site: OperatorSite) {
    self.context = context
    self.site = site
    id = context.graph.nextStreamID()
    refusal = context.graph.refusal(of: site)
  }

  // MARK: The operator

  /// The streams that this one is computed from.
  package var dependencies: [any StreamNode] { [] }

  /// The time between two RDDs of this stream.
  public var slideDuration: Duration { dependencies.first?.slideDuration ?? context.batchInterval }

  /// The RDD of the batch at `time`; `nil` if there is none. Called once for a batch, on the driver.
  open func compute(_ time: Time) throws -> RDD<Element>? { nil }

  /// Returns true if `compute` returns this RDD for every batch of the same kind, so that it need not be remembered.
  package func isShared(_ rdd: RDD<Element>) -> Bool { false }

  /// The time for which the RDDs of the parents must be retained for this stream.
  ///
  /// They retain the data that they are computed from, such as received records: beyond `martlet.memory.bytes`, on
  /// disk.
  package var parentRememberDuration: Duration { rememberDuration }

  // MARK: Calls of the graph

  /// The RDD of `time`: a stored one, or a new one.
  ///
  /// An input has none for a batch that it has forgotten, because its records are gone.
  package final func rdd(at time: Time) throws -> RDD<Element>? {
    let found = state.withLock { $0.find(time) }
    // Only RDDs of this stream are stored here.
    if let known = found.rdd { return unsafeDowncast(known, to: RDD<Element>.self) }
    if let refusal { throw refusal }
    if found.isForgotten && self is any InputNode { return nil }
    guard found.isValid, !context.graph.isSkipped(time), let rdd = try compute(time) else { return nil }
    if isShared(rdd) { return rdd }
    let isForLater = found.hasReaders && isReadLater(time)
    // Stored, so that the data that it is computed from need not be retained.
    let isLasting = isForLater && !found.holdsElements && !rdd.holdsItsElements && !rdd.isKnownEmpty
    return state.withLock { state in
      // A caller of `slice` may have made it at the same time.
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

  /// Returns true if a later batch will read the RDD of the batch at `time`, as far as the graph shows.
  private func isReadLater(_ time: Time) -> Bool {
    let (zeroTime, readers, isOfState) = state.withLock { ($0.zeroTime, $0.readers, $0.isOfState) }
    guard let zeroTime else { return false }
    return isOfState || readers.contains { $0.needsLater(time, zeroTime) }
  }

  /// Sets the RDD of a batch before a restart for `rdd(at:)`. Called in the order of the batches, before any other is
  /// made.
  ///
  /// Its elements are stored at once, because they can only be read at this moment.
  final func putBack(_ rdd: RDD<Element>, at time: Time) throws {
    let lasting = state.withLock { $0.lasting(rdd, at: time) }
    try lasting.complete()
    state.withLock { $0.generated.insert(GeneratedRDD(time: time, rdd: lasting, isPersistedByStream: false)) }
  }

  /// The time after which the first batch begins; `nil` before the start.
  package final var zeroTime: Time? { state.withLock { $0.zeroTime } }

  /// Sets the time after which the first batch begins, here and in all parents.
  package final func initialize(zeroTime: Time) {
    let slide = slideDuration
    let canLookBack = context.graph.canLookBack(self)
    let isOfState = self is any StateOutputNode
    let holdsElements = self is any ElementHolder
    let isNew = state.withLock { state in
      guard state.zeroTime == nil else { return false }
      state.isOfState = isOfState
      state.holdsElements = holdsElements
      state.zeroTime = zeroTime
      state.slide = slide.nanoseconds
      if canLookBack {
        state.lookBack = slide.nanoseconds
        // Anything else that is computed for one batch can be computed again.
        if !(self is any SameBatchReader) { state.kept = slide.nanoseconds }
      }
      return true
    }
    guard isNew else { return }
    for parent in dependencies { parent.initialize(zeroTime: zeroTime) }
    for parent in dependencies { parent.remember(parentRememberDuration) }
  }

  /// The time for which RDDs are retained after their batch is completed, as requested.
  public final var rememberDuration: Duration { .nanoseconds(state.withLock { $0.remembered ?? 0 }) }

  /// Retains the RDDs for at least this time, and those of the parents for as long as necessary, for `slice`.
  ///
  /// Received records are retained with them: they count against `martlet.memory.bytes`, and go to disk beyond that.
  public final func remember(_ duration: Duration) {
    let isLonger = state.withLock { state in
      if let known = state.remembered, known >= duration.nanoseconds { return false }
      state.remembered = duration.nanoseconds
      // How long parents must remember is known when the graph is complete; they are notified then.
      return state.zeroTime != nil
    }
    guard isLonger else { return }
    for parent in dependencies { parent.remember(parentRememberDuration) }
    (self as? any WindowNode)?.keepParents()
  }

  /// Forgets the RDDs of this stream that are no longer needed, once the batch at `time` is completed.
  package final func clearMetadata(_ time: Time) {
    // One by one and without the lock, because releasing one may take long.
    while let old = state.withLock({ $0.takeForgotten(time) }) {
      if old.isPersistedByStream { unsafeDowncast(old.rdd, to: RDD<Element>.self).unpersist() }
    }
  }

  // MARK: Keeping

  /// Stores every RDD of the stream once it is computed, for as long as the batch is remembered. Use this for a stream
  /// that several output operations use, because each would otherwise compute it.
  ///
  /// Stored elements count against `martlet.memory.bytes`. Elements that a window reads later are stored without this,
  /// and never dropped: `.diskOnly` then stores them on disk, and the other levels in memory if there is space, and
  /// otherwise on disk.
  @discardableResult
  public final func persist(
    _ level: StorageLevel = .memoryOnly, file: StaticString = #fileID, line: UInt = #line
  ) -> Self {
    guard context.graph.mayChange(OperatorSite("persist", file, line)) else { return self }
    state.withLock { $0.storageLevel = level }
    return self
  }

  /// Stores the RDDs as `persist` does, unless the program has set a storage level.
  final func persistByDefault(_ level: StorageLevel) { state.withLock { $0.storageLevel = $0.storageLevel ?? level } }

  /// `persist(.memoryOnly)`.
  @discardableResult
  public final func cache(file: StaticString = #fileID, line: UInt = #line) -> Self {
    persist(.memoryOnly, file: file, line: line)
  }

  // MARK: Checkpoints

  /// The name of the operator set by the program.
  public final var name: String? { state.withLock { $0.name } }

  /// Sets a name by which a checkpoint identifies the operator, even if it moves within the program.
  ///
  /// A stateful operator without a name is identified by the sources and stateful operators that it is computed from.
  /// Two operators that this does not distinguish must have names. An operator that is named later continues with its
  /// state.
  @discardableResult
  public final func name(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> Self {
    guard context.graph.mayChange(OperatorSite("name", file, line)) else { return self }
    state.withLock { $0.name = name }
    return self
  }

  /// Bounds the part of the log that is read after a restart: at least once per `interval`, Martlet begins to write the
  /// whole state of the stream again. The changes of every batch are always logged, so a longer interval does not lose
  /// more data. If windows look back at state, the log is read as far back as they do, and the whole state is written
  /// no more than four times in that time.
  ///
  /// - Parameter interval: a multiple of the stream's slide duration; `start()` throws an error otherwise.
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
          checkpoint(\(interval.text)) at \(file):\(line): the interval must be a multiple of the stream's slide, \
          \(slideDuration.text).
          """))
    }
    state.withLock { $0.checkpointInterval = interval }
    return self
  }

  /// The interval set with `checkpoint(_:)`.
  public final var checkpointInterval: Duration? { state.withLock { $0.checkpointInterval } }

  // MARK: Looking back

  /// The RDDs of the batches from `from` to `to`, inclusive, as far as they have been made and are remembered.
  ///
  /// The previous batch is always available if the stream is not computed from a receiver, a window or a state: it is
  /// computed again, with the closures of `transform`. For other streams, and to look farther back, call `remember(_:)`
  /// of the context before `start()`. Batches that have not been made are omitted.
  ///
  /// - Parameters:
  ///   - first: the earliest time of a batch.
  ///   - last: the latest.
  public final func slice(from first: Time, through last: Time) throws -> [RDD<Element>] {
    let (zeroTime, forgotten) = state.withLock { ($0.zeroTime, $0.forgottenThrough) }
    if let refusal { throw refusal }
    guard let zero = zeroTime else {
      throw MartletError(
        .invalidState,
        "slice() of \(site) was called before start(). Call it in a batch or after start().")
    }
    let slide = slideDuration
    // There are no earlier batches, and there may be very many times.
    let before = max(zero, forgotten ?? zero)
    if last > zero && last <= before { reportForgotten(through: last) }
    guard let made = context.mark?.made, last > before else { return [] }
    return try max(first, before).floor(slide, zero).to(min(made, last).floor(slide, zero), slide)
      .filter { $0 > before }.compactMap { try rdd(at: $0) }
  }

  /// `slice(from:through:)`, as Spark writes it.
  public final func slice(_ from: Time, _ to: Time) throws -> [RDD<Element>] {
    try slice(from: from, through: to)
  }

  /// Logs, once, that only forgotten batches have been requested.
  private func reportForgotten(through time: Time) {
    let isFirst = state.withLock { state in
      defer { state.hasReportedForgotten = true }
      return !state.hasReportedForgotten
    }
    guard isFirst else { return }
    context.sparkContext.logger.warning(
      """
      slice() of \(site) requests batches up to \(time.localDescription), which are no \
      longer retained. To retain them, call remember(_:) on the streaming context before start().
      """)
  }
}

/// The data that a stream remembers, without the type of its elements, as in `GeneratedRDDs`. Durations are in
/// nanoseconds, because arithmetic on `Duration` would increase the cost of an empty batch.
private struct StreamState {
  /// The windows that read later batches: see `KeepingNode`.
  var readers: [any WindowNode] = []
  /// True if RDDs are computed from state, and so cannot be computed again.
  var isOfState = false
  /// Whether RDDs that are kept need not be stored: see `ElementHolder`.
  var holdsElements = false
  /// The time for which RDDs are retained for them.
  var keptForReaders: Int64 = 0
  /// The disk space for stored elements that do not fit in memory: a `LastingSpace`.
  var lastingSpace: AnyObject?
  /// RDDs whose elements may not all be stored yet.
  var incomplete: [(time: Time, rdd: any IncompleteRDD)] = []
  /// The last one, and the RDD that it was derived from, which may also be that of the next batch.
  weak var lastLasting: AnyObject?
  weak var lastLastingSource: AnyObject?
  var generated = GeneratedRDDs()
  /// The time up to which RDDs have been forgotten.
  var forgottenThrough: Time?
  var zeroTime: Time?
  /// `slideDuration`, which is computed from the parents, at the start of the stream.
  var slide: Int64 = 0
  /// `rememberDuration`, if it was set.
  var remembered: Int64?
  /// The minimum time for which RDDs are retained.
  var kept: Int64 = 0
  /// The minimum time back to which there are RDDs: those that are not retained can be made again.
  var lookBack: Int64 = 0
  var hasReportedForgotten = false
  var storageLevel: StorageLevel?
  var name: String?
  var checkpointInterval: Duration?

  /// The RDD for the batch at `time`; whether it is forgotten; whether the stream has such a batch.
  func find(
    _ time: Time
  ) -> (rdd: AnyObject?, isForgotten: Bool, isValid: Bool, hasReaders: Bool, holdsElements: Bool) {
    if let rdd = generated[time] { return (rdd, false, true, false, false) }
    var isForgotten = false
    if let forgottenThrough { isForgotten = time.nanoseconds <= forgottenThrough.nanoseconds }
    let hasReaders = !readers.isEmpty || isOfState && (remembered ?? 0) > 0
    guard let zeroTime else { return (nil, isForgotten, false, hasReaders, holdsElements) }
    let since = time.nanoseconds - zeroTime.nanoseconds
    return (nil, isForgotten, since > 0 && since % slide == 0, hasReaders, holdsElements)
  }

  /// An RDD that stores the elements of `rdd`.
  mutating func lasting<Element>(_ rdd: RDD<Element>, at time: Time) -> LastingRDD<Element> {
    // An RDD that every batch shares is stored once. Only RDDs of the stream are stored here.
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

  /// The oldest RDD, if it need not be remembered after the batch at `time` is completed.
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
    // A window that others look back at is computed from the data that it looks back at.
    if isLonger, let window = self as? any WindowNode { window.keepParents() }
  }

  package final var keepDuration: Duration {
    .nanoseconds(state.withLock { max($0.remembered ?? 0, $0.keptForReaders) })
  }

  package final func makeForLater(_ time: Time) throws {
    // A caller that remembers without a window may request it at any time.
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

/// A stream with any type of elements, as the graph sees it.
package protocol StreamNode: AnyObject, Sendable {
  var context: StreamingContext { get }
  var id: Int { get }
  var site: OperatorSite { get }
  var dependencies: [any StreamNode] { get }
  var slideDuration: Duration { get }
  var rememberDuration: Duration { get }
  /// The name of the operator set by the program.
  var name: String? { get }
  /// The longest time between two snapshots of the state.
  var checkpointInterval: Duration? { get }
  func initialize(zeroTime: Time)
  func remember(_ duration: Duration)
  func clearMetadata(_ time: Time)
}

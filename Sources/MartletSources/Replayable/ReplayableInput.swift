import Logging
import MartletCore
import MartletRDD
import MartletStreaming
import Synchronization

/// The order of offsets whose type is `Comparable`.
private func order<Offset, Same: Comparable>(
  of type: Offset.Type, as same: Same.Type
) -> (Offset, Offset) -> Bool {
  { a, b in
    guard let a = a as? Same, let b = b as? Same else { return false }
    return a < b
  }
}

/// An error: the end of a batch would be before its beginning. Once this were in a checkpoint, no restart would get past
/// it.
private struct EarlierOffset: Error, CustomStringConvertible {
  let offset: String

  var description: String {
    """
    latest(after: \(offset)) returned an earlier offset. A source must not go back, not even when its elements have been \
    deleted: return the offset that was passed if there are no new elements
    """
  }
}

/// The stream of a `ReplayableSource`.
final class ReplayableInput<Source: ReplayableSource>: DStream<Source.Element>, DescribedInput, @unchecked Sendable {
  // Sendable: `streamID` is set only in `init`, before other threads have the stream. `isBefore` has no state.
  private let source: Source
  private let emptyRDD: RDD<Source.Element>
  /// Compares offsets; `nil` if they have no order.
  private let isBefore: ((Source.Offset, Source.Offset) -> Bool)?
  /// Held while a range is assigned to a batch: the source is called by one thread at a time.
  private let asking = Mutex(())
  private let ranges = Mutex(OffsetRanges<Source.Offset>())
  private let log = Mutex<InputLog?>(nil)
  /// The beginning of the next range, as far as ranges are in the log: an `OffsetRecord`.
  private let loggedPosition = Mutex<[UInt8]>([])
  private let described = Mutex<[(time: Time, text: String, count: ReadCount)]>([])
  private let lastProblem = Mutex<String?>(nil)
  private(set) var streamID = -1

  init(_ source: Source, _ context: StreamingContext, _ site: OperatorSite) {
    self.source = source
    isBefore = (Source.Offset.self as? any Comparable.Type).map { order(of: Source.Offset.self, as: $0) }
    emptyRDD = EmptyRDD(context.sparkContext, site)
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
    context.graph.whenOutputsEnd { [weak self] time in self?.forgetUnlogged(time) }
  }

  func start() throws {
    guard !ranges.withLock({ $0.isRestored }) else { return }
    do {
      let offset = try runBlocking { [source] in try await source.initialOffset() }
      if log.withLock({ $0 != nil }) { try noteLogged(offset) }
      ranges.withLock { $0.begin(at: offset) }
    } catch { throw site.failure(ofSource: error) }
  }

  func stop() {}

  var hasMore: Bool {
    asking.withLock { _ in
      let position = ranges.withLock { $0.position }
      do { return try latest(after: position).map { $0 != position } ?? false } catch {
        note(error, "latest(after:) was called for the last batch, which gets no elements of the source.")
        return false
      }
    }
  }

  // MARK: Batches

  override func compute(_ time: Time) throws -> RDD<Source.Element>? {
    guard let range = asking.withLock({ _ in range(at: time) }) else { return emptyRDD }
    let count = ReadCount()
    let start = range.start.map { "\($0)" } ?? "the beginning"
    described.withLock { $0.append((time, "after \(start) through \(range.end)", count)) }
    do {
      return try source.rdd(after: range.start, through: range.end, in: context.sparkContext).counted(by: count, site)
    } catch { throw site.failure(ofSource: error) }
  }

  /// The range of the batch at `time`; `nil` if it has no elements.
  private func range(at time: Time) -> OffsetRanges<Source.Offset>.Range? {
    let (plannedThrough, isKept) = log.withLock { ($0?.plannedThrough, $0 != nil) }
    switch ranges.withLock({ $0.standing(at: time, plannedThrough: plannedThrough) }) {
    case .given(let range): return range
    case .nothing: return nil
    case .new:
      let position = ranges.withLock { $0.position }
      var end: Source.Offset?
      do {
        end = try latest(after: position)
        lastProblem.withLock { $0 = nil }
      } catch {
        note(error, "The batch gets no elements of the source; the next one calls latest(after:) again.", of: time)
      }
      return ranges.withLock { [end] in $0.give(through: end, at: time, isKept: isKept) }
    }
  }

  private func latest(after offset: Source.Offset?) throws -> Source.Offset? {
    let latest = try runBlocking { [source] in try await source.latest(after: offset) }
    if let offset, let latest, isBefore?(latest, offset) == true {
      throw EarlierOffset(offset: "\(offset)")
    }
    return latest
  }

  /// Logs the error of a source that cannot return its latest offset, once, until it changes; listeners get it with
  /// every batch.
  private func note(_ error: any Error, _ consequence: String, of time: Time? = nil) {
    let message = "\(site.failure(ofSource: error)). \(consequence)"
    if let time { described.withLock { $0.append((time, message, ReadCount())) } }
    let isNew = lastProblem.withLock { last in
      defer { last = message }
      return last != message
    }
    if isNew { context.sparkContext.logger.warning("\(message)") }
  }

  func info(_ time: Time) -> StreamInputInfo? {
    described.withLock { $0.last { $0.time == time } }.map {
      StreamInputInfo(inputStreamID: streamID, numRecords: 0, metadataDescription: $0.text)
    }
  }

  func recordsRead(_ time: Time) -> Int? {
    described.withLock { described in
      let count = described.last { $0.time == time }?.count
      described.removeAll { $0.time <= time }
      return count?.total
    }
  }

  // MARK: Commits

  /// Without a checkpoint, forgets batches that nothing in this process will request again.
  private func forgetUnlogged(_ time: Time) {
    if log.withLock({ $0 == nil }) { forget(through: time - rememberDuration - slideDuration) }
  }

  func forget(through time: Time) {
    guard let offset = ranges.withLock({ $0.forget(through: time) }) else { return }
    do { try runBlocking { [source] in try await source.commit(offset) } } catch {
      context.sparkContext.logger.warning(
        "\(site.failure(ofSource: error)) in commit(\(offset)). A later commit includes this one.")
    }
  }
}

extension ReplayableInput: RecoverableInput {
  var inputIdentity: String { "stream(from: \(typeName(Source.self)))" }

  func keepPlans(_ log: InputLog) { self.log.withLock { $0 = log } }

  func takePlans() throws -> [InputPlan] {
    let new = ranges.withLock { $0.takeNew() }
    let plans = try new.map { range in
      InputPlan(time: range.time, records: 0, bytes: try encoded((range.start.map { [$0] } ?? []) + [range.end]))
    }
    if let last = new.last { try noteLogged(last.end) }
    return plans
  }

  private func noteLogged(_ position: Source.Offset?) throws {
    let bytes = try encoded(position.map { [$0] } ?? [])
    loggedPosition.withLock { $0 = Array(bytes.bytes) }
  }

  func progress() -> ByteBuffer {
    let progress = ByteBuffer()
    loggedPosition.withLock { bytes in
      bytes.withUnsafeBytes { if let base = $0.baseAddress { progress.append(base, count: $0.count) } }
    }
    return progress
  }

  func expectRecoverable(_ progress: UnsafeRawBufferPointer?, _ plans: [InputPlan], _ log: InputLog) throws {
    if let progress { _ = try offsets(progress) }
    for plan in plans { _ = try offsets(plan.bytes.bytes) }
  }

  func restore(progress bytes: UnsafeRawBufferPointer) throws {
    let position = try offsets(bytes).last
    ranges.withLock { $0.restore(position: position) }
    try noteLogged(position)
  }

  func restore(plan: InputPlan) throws {
    let offsets = try offsets(plan.bytes.bytes)
    guard let end = offsets.last else { return }
    let start = offsets.count > 1 ? offsets[0] : nil
    ranges.withLock {
      $0.restore(.init(time: plan.time, start: start, end: end), isIncludedInPosition: plan.isIncludedInProgress)
    }
    if !plan.isIncludedInProgress { try noteLogged(end) }
  }

  // Keeps the source informed about the offsets that it may forget.
  var keepsFiles: Bool { true }

  private func encoded(_ offsets: [Source.Offset]) throws -> ByteBuffer {
    do { return try OffsetRecord.encode(offsets) } catch {
      throw MartletError(
        .invalidArgument,
        """
        \(site): the offset \(offsets.last.map { "\($0)" } ?? "") cannot be written to the \
        checkpoint: \(error)
        """)
    }
  }

  private func offsets(_ bytes: UnsafeRawBufferPointer) throws -> [Source.Offset] {
    let record = try OffsetRecord(bytes)
    do { return try record.offsets(of: Source.Offset.self) } catch {
      throw MartletError(
        .invalidConfiguration,
        """
        \(site): the checkpoint contains the offsets of the stream as \(record.type), which \
        cannot be read as \(typeName(Source.Offset.self)): \(error) Revert the type, or make its init(from:) read \
        the previous form. Or give the stream a new name, under which it begins at its initialOffset().
        """)
    }
  }
}

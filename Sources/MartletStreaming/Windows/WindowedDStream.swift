package import MartletCore
package import MartletRDD
import Synchronization

/// The stream of `window`: the elements of all batches in a window, oldest first.
package final class WindowedDStream<Element: Sendable>: DStream<Element>, WindowNode, ElementHolder,
  @unchecked Sendable
{
  private let parent: DStream<Element>
  private let span: WindowSpan
  private let nothing: RDD<Element>
  /// The last batch before a restart, until the restored input of those in the window has been taken.
  private let restartedAfter = Mutex<Time?>(nil)

  init(_ parent: DStream<Element>, _ window: Duration, _ slide: Duration?, _ site: OperatorSite) {
    self.parent = parent
    span = WindowSpan(window, slide, over: parent, parent.context.graph, site)
    nothing = EmptyRDD(parent.context.sparkContext, site)
    super.init(context: parent.context, site: site)
  }

  package override var dependencies: [any StreamNode] { [parent] }
  package override var slideDuration: Duration { span.slide }
  package override var parentRememberDuration: Duration {
    rememberDuration > .zero ? rememberDuration + span.window : .zero
  }
  /// A window consists of the RDDs that its parent has stored.
  package var windowDuration: Duration { span.window }

  package func keepParents() {
    guard span.window > span.parentSlide || keepDuration > .zero else { return }
    (parent as any KeepingNode).keep(for: self, keepDuration + span.window)
  }

  package func needsLater(_ time: Time, _ zero: Time) -> Bool { span.isInLaterWindow(time, zero) }

  /// Windows among the parents have made nothing yet, and must begin before the first batch. Other parents return what
  /// is available to the first batch, which fails if it is missing.
  package func recall(_ time: Time) throws {
    guard isComputed(from: { $0 is any WindowNode }) else { return restartedAfter.withLock { $0 = time } }
    try take(through: time)
  }

  package func takeRecalled() throws {
    guard let time = restartedAfter.withLock({ $0 }) else { return }
    try take(through: time)
    restartedAfter.withLock { $0 = nil }
  }

  private func take(through time: Time) throws {
    guard let zero = zeroTime else { return }
    let last = time.floor(span.parentSlide, zero)
    for time in span.times(endingAt: last, zero) { _ = try parent.rdd(at: time) }
  }

  package override func compute(_ time: Time) throws -> RDD<Element>? {
    guard let zero = zeroTime else { return nil }
    let rdds = try span.times(endingAt: time, zero).compactMap { try parent.rdd(at: $0) }.filter { !$0.isKnownEmpty }
    return rdds.isEmpty ? nothing : context.sparkContext.unioned(rdds, site)
  }
}

extension DStream {
  /// The elements of all batches of the last `windowDuration`, oldest batch first; a new window begins with every batch.
  ///
  /// The first windows contain fewer batches. Each element is processed again in every window that contains it: prefer
  /// `reduceByKeyAndWindow` and `reduceByWindow` where possible.
  ///
  /// The elements of each batch are stored for as long as a window needs them, and the data that they were computed
  /// from is released: a window after a filter only retains elements that have passed the filter. Stored elements count
  /// against `martlet.memory.bytes`, and go to disk (`martlet.local.dir`) beyond that. Elements that cannot be written
  /// (instances of classes, and types that are not `Codable` and not composed of such) stay in memory, and the log
  /// warns if they exceed the limit. A batch that output operations have not read completely is computed to its end
  /// after them.
  /// - Parameter windowDuration: a multiple of this stream's slide duration; `start()` throws an error otherwise.
  public func window(
    _ windowDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    WindowedDStream(self, windowDuration, nil, OperatorSite("window", file, line))
  }

  /// The same as `window`, with a new window every `slideDuration`, also a multiple of this stream's slide duration.
  public func window(
    _ windowDuration: Duration, _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    WindowedDStream(self, windowDuration, slideDuration, OperatorSite("window", file, line))
  }
}

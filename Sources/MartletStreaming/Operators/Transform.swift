public import MartletRDD
import MartletCore

extension DStream {
  /// The RDDs that the closure makes of this stream's. It is called on the driver, once a batch, and can use all
  /// operations of RDD, such as a join with a table that was computed once.
  ///
  /// ```swift
  /// let clean = wordCounts.transform { rdd in rdd.join(spamInfo).filter { !$0.1.1 } }
  /// ```
  public func transform<Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>) throws -> RDD<Output>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Output> {
    perBatch(OperatorSite("transform", file, line)) { rdd, _ in try transform(rdd) }
  }

  /// As `transform`, with the time of the batch.
  public func transform<Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>, Time) throws -> RDD<Output>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Output> {
    perBatch(OperatorSite("transform", file, line), transform)
  }

  /// The RDDs that the closure makes of this stream's and another's of the same batch. A batch for which neither has an
  /// RDD gets none; one for which only one of the two has an RDD fails.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ other: DStream<Other>, _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    transformWith(other, { a, b, _ in try transform(a, b) }, file: file, line: line)
  }

  /// As `transformWith`, in the order of Python.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>) throws -> RDD<Output>, _ other: DStream<Other>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    transformWith(other, transform, file: file, line: line)
  }

  /// As `transformWith`, with the time of the batch.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ other: DStream<Other>, _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>, Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    TwoParentDStream(self, other, context, OperatorSite("transformWith", file, line), transform)
  }
}

/// A stream each of whose RDDs is made from those that two parents have for the same batch.
final class TwoParentDStream<First: Sendable, Second: Sendable, Output: Sendable>: DStream<Output>, SameBatchReader,
  @unchecked Sendable
{
  private let first: DStream<First>
  private let second: DStream<Second>
  private let transform: @Sendable (RDD<First>, RDD<Second>, Time) throws -> RDD<Output>

  init(
    _ first: DStream<First>, _ second: DStream<Second>, _ context: StreamingContext, _ site: OperatorSite,
    _ transform: @escaping @Sendable (RDD<First>, RDD<Second>, Time) throws -> RDD<Output>
  ) {
    self.first = first
    self.second = second
    self.transform = transform
    super.init(context: context, site: site)
    requireSameClock([first, second], site)
  }

  override var dependencies: [any StreamNode] { [first, second] }

  override func compute(_ time: Time) throws -> RDD<Output>? {
    // Both are asked, also if the first has none: each must see every batch.
    let (a, b) = (try first.rdd(at: time), try second.rdd(at: time))
    guard let a, let b else {
      try refuseGap([(first, a != nil), (second, b != nil)], at: time)
      return nil
    }
    do { return try transform(a, b, time) } catch { throw site.failure(error) }
  }
}

/// A stream each of whose RDDs is made from those that three parents have for the same batch.
final class ThreeParentDStream<First: Sendable, Second: Sendable, Third: Sendable, Output: Sendable>: DStream<Output>,
  SameBatchReader, @unchecked Sendable
{
  private let first: DStream<First>
  private let second: DStream<Second>
  private let third: DStream<Third>
  private let transform: @Sendable (RDD<First>, RDD<Second>, RDD<Third>, Time) throws -> RDD<Output>

  init(
    _ first: DStream<First>, _ second: DStream<Second>, _ third: DStream<Third>, _ context: StreamingContext,
    _ site: OperatorSite,
    _ transform: @escaping @Sendable (RDD<First>, RDD<Second>, RDD<Third>, Time) throws -> RDD<Output>
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.transform = transform
    super.init(context: context, site: site)
    requireSameClock([first, second, third], site)
  }

  override var dependencies: [any StreamNode] { [first, second, third] }

  override func compute(_ time: Time) throws -> RDD<Output>? {
    let (a, b, c) = (try first.rdd(at: time), try second.rdd(at: time), try third.rdd(at: time))
    guard let a, let b, let c else {
      try refuseGap([(first, a != nil), (second, b != nil), (third, c != nil)], at: time)
      return nil
    }
    do { return try transform(a, b, c, time) } catch { throw site.failure(error) }
  }
}

/// A stream each of whose RDDs is made from those that several parents have for the same batch.
final class ManyParentDStream<Input: Sendable, Output: Sendable>: DStream<Output>, SameBatchReader, @unchecked Sendable
{
  private let inputs: [DStream<Input>]
  private let passesOverMissing: Bool
  private let transform: @Sendable ([RDD<Input>], Time) throws -> RDD<Output>

  /// - Parameter passesOverMissing: whether a batch for which some of the streams have no RDD is made of the others, and
  ///   not left out.
  init(
    _ inputs: [DStream<Input>], _ context: StreamingContext, _ site: OperatorSite, passesOverMissing: Bool = false,
    _ transform: @escaping @Sendable ([RDD<Input>], Time) throws -> RDD<Output>
  ) {
    self.inputs = inputs
    self.passesOverMissing = passesOverMissing
    self.transform = transform
    super.init(context: context, site: site)
    requireSameClock(inputs, site)
  }

  override var dependencies: [any StreamNode] { inputs }

  override func compute(_ time: Time) throws -> RDD<Output>? {
    // All are asked, also if one has none: each must see every batch.
    let all = try inputs.map { try $0.rdd(at: time) }
    let rdds = all.compactMap { $0 }
    guard rdds.count == inputs.count || passesOverMissing, !rdds.isEmpty else {
      try refuseGap(Array(zip(inputs, all.map { $0 != nil })), at: time)
      return nil
    }
    do { return try transform(rdds, time) } catch { throw site.failure(error) }
  }
}

extension StreamingContext {
  /// The RDDs that the closure makes of those of two streams for the same batch, whatever the types of their elements. A
  /// batch for which neither has an RDD gets none; one for which only one of the two has an RDD fails.
  ///
  /// ```swift
  /// let priced = ssc.transform(orders, prices) { orders, prices, time in orders.join(prices) }
  /// ```
  public func transform<First: Sendable, Second: Sendable, Output: Sendable>(
    _ first: DStream<First>, _ second: DStream<Second>,
    _ transform: @escaping @Sendable (RDD<First>, RDD<Second>, Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    TwoParentDStream(first, second, self, OperatorSite("transform", file, line), transform)
  }

  /// As `transform` of two streams, of three.
  public func transform<First: Sendable, Second: Sendable, Third: Sendable, Output: Sendable>(
    _ first: DStream<First>, _ second: DStream<Second>, _ third: DStream<Third>,
    _ transform: @escaping @Sendable (RDD<First>, RDD<Second>, RDD<Third>, Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    ThreeParentDStream(first, second, third, self, OperatorSite("transform", file, line), transform)
  }
}

extension DStream {
  /// Throws if some of the parents have an RDD for the batch that is being made and others have none: what the ones have
  /// would be lost. Where somebody looks back, batches are missing for good reasons, such as a state that is newer.
  func refuseGap(_ parents: [(stream: any StreamNode, hasRDD: Bool)], at time: Time) throws {
    guard context.graph.isBeingMade(time), let missing = parents.first(where: { !$0.hasRDD })?.stream,
      let other = parents.first(where: \.hasRDD)?.stream
    else { return }
    throw MartletError(
      .invalidState,
      """
      \(site): \(missing.site) has no RDD for the batch of \
      \(time.localDescription), and \(other.site) has one, which would be lost. A stream that \
      is put together with others must have an RDD for every batch: an empty one where nothing has come.
      """)
  }

  /// Streams that are put together must belong to one context and make their RDDs equally often.
  func requireSameClock(_ parents: [any StreamNode], _ site: OperatorSite) {
    guard let first = parents.first else {
      context.graph.fail(MartletError(.invalidArgument, "\(site) was given no stream."))
      return
    }
    if let stranger = parents.first(where: { $0.context !== context }) {
      let ours = parents.first { $0.context === context }
      let error = MartletError(
        .invalidArgument,
        """
        \(site) puts streams of two contexts together: \(stranger.site) does not belong to the context of \
        \(ours.map { "\($0.site)" } ?? "the new stream"). Make all of them with one \
        StreamingContext.
        """)
      // Whichever of the two is started.
      context.graph.fail(error)
      stranger.context.graph.fail(error)
      return
    }
    for parent in parents.dropFirst() where parent.slideDuration != first.slideDuration {
      context.graph.fail(
        MartletError(
          .invalidArgument,
          """
          \(site) puts streams together that slide by \(first.slideDuration.text) \
          (\(first.site)) and by \(parent.slideDuration.text) (\(parent.site)). Give them windows with the same slide.
          """))
    }
  }
}

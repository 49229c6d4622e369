public import MartletRDD
public import MartletCore

extension DStream {
  /// The RDDs that the closure returns for the RDDs of this stream. It is called on the driver, once per batch, and can
  /// use all operations of RDD, such as a join with a table that is computed once.
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

  /// The same as `transform`, with the time of the batch.
  public func transform<Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>, Time) throws -> RDD<Output>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Output> {
    perBatch(OperatorSite("transform", file, line), transform)
  }

  /// The RDDs that the closure returns for the RDDs of this stream and another for the same batch. If neither has an
  /// RDD, the batch has none; if only one of the two has an RDD, the batch fails.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ other: DStream<Other>, _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    transformWith(other, { a, b, _ in try transform(a, b) }, file: file, line: line)
  }

  /// The same as `transformWith`, in the order of Python.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>) throws -> RDD<Output>, _ other: DStream<Other>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    transformWith(other, transform, file: file, line: line)
  }

  /// The same as `transformWith`, with the time of the batch.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ other: DStream<Other>, _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>, Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    TwoParentDStream(self, other, context, OperatorSite("transformWith", file, line), transform)
  }
}

/// A stream in which each RDD is made from those of two parents for the same batch.
final class TwoParentDStream<First: Sendable, Second: Sendable, Output: Sendable>: DStream<Output>, SteadyReader,
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
    // Both are asked, even if the first has none, because each must see every batch.
    let (a, b) = (try first.rdd(at: time), try second.rdd(at: time))
    guard let a, let b else {
      try refuseGap([(first, a != nil), (second, b != nil)], at: time)
      return nil
    }
    do { return try transform(a, b, time) } catch { throw site.failure(error) }
  }
}

/// A stream in which each RDD is made from those of three parents for the same batch.
final class ThreeParentDStream<First: Sendable, Second: Sendable, Third: Sendable, Output: Sendable>: DStream<Output>,
  SteadyReader, @unchecked Sendable
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

/// A stream in which each RDD is made from those of several parents for the same batch.
final class ManyParentDStream<Input: Sendable, Output: Sendable>: DStream<Output>, SteadyReader, @unchecked Sendable {
  private let inputs: [DStream<Input>]
  private let passesOverMissing: Bool
  private let transform: @Sendable ([RDD<Input>], Time) throws -> RDD<Output>

  /// - Parameter passesOverMissing: true if a batch for which some of the streams have no RDD is made from the others,
  ///   and not skipped.
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
    // All are asked, even if one has none, because each must see every batch.
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
  /// The elements of several streams in one. A stream that has no RDD for a batch adds nothing to it.
  public func union<Element: Sendable>(
    _ streams: [DStream<Element>], file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    let sc = sparkContext
    return ManyParentDStream(streams, self, OperatorSite("union", file, line), passesOverMissing: true) { rdds, _ in
      sc.union(rdds)
    }
  }

  /// The elements of several streams in one.
  public func union<Element: Sendable>(
    _ first: DStream<Element>, _ others: DStream<Element>..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    union([first] + others, file: file, line: line)
  }

  /// The RDDs that the closure makes of those of several streams for the same batch, in the order of the streams. A batch
  /// for which none of them has an RDD gets none; one for which some have an RDD and others have none fails.
  public func transform<Input: Sendable, Output: Sendable>(
    _ streams: [DStream<Input>], _ transform: @escaping @Sendable ([RDD<Input>], Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    ManyParentDStream(streams, self, OperatorSite("transform", file, line), transform)
  }

  /// The RDDs that the closure returns for the RDDs of two streams for the same batch, with any types of elements. If
  /// neither has an RDD, the batch has none; if only one of the two has an RDD, the batch fails.
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

  /// The same as `transform` of two streams, for three.
  public func transform<First: Sendable, Second: Sendable, Third: Sendable, Output: Sendable>(
    _ first: DStream<First>, _ second: DStream<Second>, _ third: DStream<Third>,
    _ transform: @escaping @Sendable (RDD<First>, RDD<Second>, RDD<Third>, Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    ThreeParentDStream(first, second, third, self, OperatorSite("transform", file, line), transform)
  }
}

extension DStream {
  /// Throws if some of the parents have an RDD for the batch that is being made and others have none: the records of
  /// the former would be lost. When batches are looked back at, some may be missing for good reasons, such as a newer
  /// state.
  func refuseGap(_ parents: [(stream: any StreamNode, hasRDD: Bool)], at time: Time) throws {
    guard context.graph.isBeingMade(time), let missing = parents.first(where: { !$0.hasRDD })?.stream,
      let other = parents.first(where: \.hasRDD)?.stream
    else { return }
    throw MartletError(
      .invalidState,
      """
      \(site.name) at \(site.callSite): \(missing.site.name) at \(missing.site.callSite) has no RDD for the batch of \
      \(time.localDescription), and \(other.site.name) at \(other.site.callSite) has one, which would be lost. A \
      stream that is combined with others must have an RDD for every batch, if necessary an empty one.
      """)
  }

  /// Checks that combined streams belong to one context and have the same slide duration.
  func requireSameClock(_ parents: [any StreamNode], _ site: OperatorSite) {
    guard let first = parents.first else {
      context.graph.fail(
        MartletError(.invalidArgument, "\(site.name) at \(site.callSite) got no streams. Pass at least one."))
      return
    }
    if let stranger = parents.first(where: { $0.context !== context }) {
      let ours = parents.first { $0.context === context }
      let error = MartletError(
        .invalidArgument,
        """
        \(site.name) at \(site.callSite) combines streams of two contexts: \(stranger.site.name) at \
        \(stranger.site.callSite) does not belong to the context of \
        \(ours.map { "\($0.site.name) at \($0.site.callSite)" } ?? "the new stream"). Make all of them with one \
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
          \(site.name) at \(site.callSite) combines streams that slide by \(first.slideDuration.text) \
          (\(first.site.name) at \(first.site.callSite)) and by \(parent.slideDuration.text) (\(parent.site.name) at \
          \(parent.site.callSite)). Give them windows with the same slide.
          """))
    }
  }
}

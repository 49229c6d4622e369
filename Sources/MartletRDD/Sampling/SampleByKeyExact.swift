public import MartletCore

/// The numbers of remaining pairs of a key in a partition and in its sample.
@frozen @usableFromInline
package struct Stratum: Sendable {
  @usableFromInline var pairs: Int
  @usableFromInline var wanted: Int

  @usableFromInline
  init(pairs: Int, wanted: Int) {
    self.pairs = pairs
    self.wanted = wanted
  }
}

/// Draws the number of copies of the pairs of one partition, so that the sample has the required number for each key.
@frozen @usableFromInline
package struct ExactDrawing<Key: Hashable> {
  @usableFromInline var strata: [SameKey<Key>: Stratum]
  @usableFromInline var generator: SampleGenerator
  @usableFromInline let withReplacement: Bool
  private let site: OperatorSite

  init(_ strata: [SameKey<Key>: Stratum], _ generator: SampleGenerator, withReplacement: Bool, _ site: OperatorSite) {
    self.strata = strata
    self.generator = generator
    self.withReplacement = withReplacement
    self.site = site
  }

  /// The number of copies of the next pair of `key`.
  @inlinable
  mutating func copies(_ key: Key) throws -> Int {
    guard let index = strata.index(forKey: SameKey(key)), strata.values[index].pairs > 0 else { throw change }
    let stratum = strata.values[index]
    let count =
      withReplacement
      ? generator.binomial(stratum.wanted, probability: 1 / Double(stratum.pairs))
      : Int.random(in: 0..<stratum.pairs, using: &generator) < stratum.wanted ? 1 : 0
    strata.values[index].pairs = stratum.pairs &- 1
    strata.values[index].wanted = stratum.wanted &- count
    return count
  }

  /// Throws if there were fewer pairs than were counted.
  func end() throws { if strata.values.contains(where: { $0.pairs > 0 }) { throw change } }

  @usableFromInline var change: MartletError {
    site.refuses(
      """
      the pairs are not the same as when they were counted, so the sample cannot have the requested size. Call \
      cache() on the sampled RDD, or make sure that it has the same pairs each time.
      """)
  }
}

/// A random sample of the pairs with an exact number of pairs for each key.
///
/// A first job counts the pairs of each key in each partition. The sample size of a key is distributed over the
/// partitions at random, as if the sample was drawn from all of them, and is drawn there.
final class ExactSampledRDD<Key: Hashable & Sendable, Value: Sendable>:
  NarrowRDD<(Key, Value), (Key, Value)>, @unchecked Sendable
{
  private let counts: RDD<(Key, Int)>
  private let withReplacement: Bool
  private let fractions: [SameKey<Key>: Double]
  private let seed: Int
  private let kernel: CopiesKernel<(Key, Value), ExactDrawing<Key>>
  private let strata = Once<[[SameKey<Key>: Stratum]]>()

  init(
    _ parent: RDD<(Key, Value)>, _ counts: RDD<(Key, Int)>, withReplacement: Bool,
    _ fractions: [SameKey<Key>: Double], seed: Int, _ kernel: @escaping CopiesKernel<(Key, Value), ExactDrawing<Key>>,
    _ site: OperatorSite
  ) {
    self.counts = counts
    self.withReplacement = withReplacement
    self.fractions = fractions
    self.seed = seed
    self.kernel = kernel
    super.init(parent, site, keepsPartitioner: true)
  }

  override var ownStageOutputs: [Stage.Output] { strata.value == nil ? [.facts] : [] }

  override func runStages(on executor: LocalExecutor) throws {
    try strata.make {
      let counted = try executor.run(0..<parent.knownPartitionCount, site, depth: counts.readerDepth) {
        [counts] partition in
        try counts.reader(partition).readAll().takeArray()
      }
      return try deal(counted)
    }
  }

  override func compute(partition: Int) throws -> ChunkReader<(Key, Value)> {
    let drawing = ExactDrawing(
      strata.value?[partition] ?? [:], SampleGenerator(seed: seed, partition: partition),
      withReplacement: withReplacement, site)
    return CopiesReader(try parent.reader(partition), drawing, kernel) { try $0.end() }
  }

  /// The numbers of pairs of each key in the partitions and in their samples.
  private func deal(_ counted: [[(Key, Int)]]) throws -> [[SameKey<Key>: Stratum]] {
    var left: [SameKey<Key>: (stratum: Stratum, generator: SampleGenerator)] = [:]
    for (key, count) in counted.joined() {
      left[SameKey(key), default: (Stratum(pairs: 0, wanted: 0), start(key))].stratum.pairs += count
    }
    for (key, whole) in left { left[key]?.stratum.wanted = try size(key.key, of: whole.stratum.pairs) }
    return counted.map { counts in
      var strata: [SameKey<Key>: Stratum] = [:]
      for (key, count) in counts {
        let key = SameKey(key)
        guard var (stratum, generator) = left[key] else { continue }
        let wanted =
          withReplacement
          ? generator.binomial(stratum.wanted, probability: Double(count) / Double(stratum.pairs))
          : generator.hypergeometric(stratum.wanted, among: count, of: stratum.pairs)
        strata[key] = Stratum(pairs: count, wanted: wanted)
        stratum.pairs -= count
        stratum.wanted -= wanted
        left[key] = (stratum, generator)
      }
      return strata
    }
  }

  /// The sample size for `count` pairs of `key`.
  private func size(_ key: Key, of count: Int) throws -> Int {
    guard let fraction = fractions[SameKey(key)] else {
      throw site.refuses("there is no fraction for the key \(key). Use 0 to exclude it.")
    }
    let size = (fraction * Double(count)).rounded(.up)
    guard size < 0x1p53 else {
      throw site.refuses("the fraction \(fraction) of the key \(key) results in too many pairs.")
    }
    return withReplacement ? Int(size) : Swift.min(Int(size), count)
  }

  /// The generator that distributes the sample of `key`: it must not depend on the order of other keys.
  private func start(_ key: Key) -> SampleGenerator {
    var key = key
    return SampleGenerator(seed: seed, partition: Int(truncatingIfNeeded: partitionHash(&key, keyWatch(Key.self))))
  }
}

extension RDD {
  @usableFromInline
  package func exactlySampled<Key: Hashable, Value>(
    withReplacement: Bool, _ fractions: [Key: Double], seed: Int, _ ones: RDD<(Key, Int)>,
    _ sum: CombineKernels<Key, Int, Int>, _ kernel: @escaping CopiesKernel<(Key, Value), ExactDrawing<Key>>,
    _ site: OperatorSite
  ) -> RDD<Element> where Element == (Key, Value) {
    ExactSampledRDD(
      self, CombinedRDD(ones, sum.combine, merge: sum.merge, .last, TableSizeHint(), site),
      withReplacement: withReplacement, byKey(fractions), seed: seed, kernel, site)
  }

  /// A random sample of the pairs, with exactly the fraction of the pairs of each key, rounded up; the same whenever it
  /// is computed.
  ///
  /// The first action runs a job that counts the pairs of each key; `sampleByKey`, with sizes that are correct on
  /// average, needs none. If the RDD has other pairs when it is read again, the job fails.
  /// - Parameters:
  ///   - withReplacement: true if a pair can be chosen several times.
  ///   - fractions: the fraction of the pairs of each key, from 0 to 1; with replacement, from 0 to 1,000,000. A key
  ///     without a fraction fails the job.
  ///   - seed: determines the sample; random by default.
  @inlinable @inline(__always)
  public func sampleByKeyExact<Key: Hashable, Value>(
    withReplacement: Bool, fractions: [Key: Double], seed: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<Element> where Element == (Key, Value) {
    let site = OperatorSite("sampleByKeyExact", file, line)
    if let reason = refusal(of: fractions, withReplacement: withReplacement) { return refused(site, reason) }
    return exactlySampled(
      withReplacement: withReplacement, fractions, seed: seed ?? Int.random(in: .min ... .max),
      mapped(mapKernel { ($0.0, 1) }, site), reduceKernels { $0 + $1 }, copiesKernel { try $1.copies($0.0) }, site)
  }
}

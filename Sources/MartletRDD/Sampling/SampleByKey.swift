public import MartletCore

extension RDD {
  /// A random part of the pairs, with a fraction of its own for each key; the same part whenever it is computed.
  ///
  /// - Parameters:
  ///   - withReplacement: whether a pair can come several times.
  ///   - fractions: how likely each pair of a key is to come, from 0 to 1; with replacement, how often on average,
  ///     from 0 to 1,000,000. A key that is not in here fails the job.
  ///   - seed: chooses the part; a random one if none is given.
  @inlinable @inline(__always)
  public func sampleByKey<Key: Hashable, Value>(
    withReplacement: Bool, fractions: [Key: Double], seed: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<Element> where Element == (Key, Value) {
    let site = OperatorSite("sampleByKey", file, line)
    let seed = seed ?? Int.random(in: .min ... .max)
    if let reason = refusal(of: fractions, withReplacement: withReplacement) { return refused(site, reason) }
    let fractions = byKey(fractions)
    return sampled(
      seed: seed,
      copiesKernel { pair, generator in
        guard let fraction = fractions[SameKey(pair.0)] else {
          throw site.invalidArgument("there is no fraction for the key \(pair.0); 0 would leave it out.")
        }
        return withReplacement ? generator.poisson(mean: fraction) : generator.unit() < fraction ? 1 : 0
      }, site)
  }

  /// The fractions, to be looked up by keys that may be NaN.
  @usableFromInline
  package func byKey<Key: Hashable>(_ fractions: [Key: Double]) -> [SameKey<Key>: Double] {
    Dictionary(fractions.map { (SameKey($0.key), $0.value) }) { first, _ in first }
  }

  /// Why one cannot sample with these fractions, if so.
  @usableFromInline
  package func refusal<Key>(of fractions: [Key: Double], withReplacement: Bool) -> String? {
    let highest = withReplacement ? maximumCopies : 1
    for (key, fraction) in fractions where !(fraction >= 0 && fraction <= highest) {
      return "the fraction of key \(key) is \(fraction); it must be from 0 to \(withReplacement ? "1000000" : "1")."
    }
    return nil
  }
}

public import MartletCore

extension RDD {
  /// A random sample of the pairs, with a fraction for each key; the same whenever it is computed.
  ///
  /// - Parameters:
  ///   - withReplacement: true if a pair can be chosen several times.
  ///   - fractions: the probability of each pair of a key, from 0 to 1; with replacement, its average number of copies,
  ///     from 0 to 1,000,000. A key without a fraction fails the job.
  ///   - seed: determines the sample; random by default.
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
          throw site.refuses("there is no fraction for the key \(pair.0). Use 0 to exclude it.")
        }
        return withReplacement ? generator.poisson(mean: fraction) : generator.unit() < fraction ? 1 : 0
      }, site)
  }

  /// The fractions, for look-up with keys that may be NaN.
  @usableFromInline
  package func byKey<Key: Hashable>(_ fractions: [Key: Double]) -> [SameKey<Key>: Double] {
    Dictionary(fractions.map { (SameKey($0.key), $0.value) }) { first, _ in first }
  }

  /// The error for invalid fractions, if they are.
  @usableFromInline
  package func refusal<Key>(of fractions: [Key: Double], withReplacement: Bool) -> String? {
    let highest = withReplacement ? maximumCopies : 1
    for (key, fraction) in fractions where !(fraction >= 0 && fraction <= highest) {
      return "the fraction of key \(key) is \(fraction); it must be from 0 to \(withReplacement ? "1000000" : "1")."
    }
    return nil
  }
}

import MartletCore

extension RDD {
  /// `count` elements, chosen at random, in random order.
  ///
  /// - Parameters:
  ///   - withReplacement: true if an element can be chosen several times; `count` is then at most 2,147,483,647.
  ///     Otherwise all elements are returned if there are fewer than `count`.
  ///   - seed: determines the choice; random by default.
  public func takeSample(
    withReplacement: Bool, _ count: Int, seed: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Element] {
    let site = OperatorSite("takeSample", file, line)
    guard count >= 0 else { throw site.refuses("the number of elements is \(count); it must not be negative.") }
    // The indices are drawn first, and the elements returned in one array.
    guard !withReplacement || count <= Int(Int32.max) else {
      throw site.refuses(
        "the number of elements is \(count); with replacement it must be at most \(Int32.max).")
    }
    let seed = seed ?? Int.random(in: .min ... .max)
    if count == 0 { return try take(0, site) }
    return withReplacement ? try takeCopies(count, seed, site) : try takeDistinct(count, seed, site)
  }

  /// Assigns each element a random number, and takes those with the smallest ones.
  private func takeDistinct(_ count: Int, _ seed: Int, _ site: OperatorSite) throws -> [Element] {
    let numbered = partitionsMapped(
      partitionKernel { partition, elements in
        var generator = SampleGenerator(seed: seed, partition: partition)
        return elements.lazy.map { element in (generator.next(), element) }
      }, site)
    return try numbered.smallest(count, smallestKernel(count) { $0.0 < $1.0 }, site) { $0.0 < $1.0 }.map(\.1)
  }

  /// Counts the elements in a first job, and takes those with the drawn indices in a second one.
  private func takeCopies(_ count: Int, _ seed: Int, _ site: OperatorSite) throws -> [Element] {
    let counts = try folded(0, countKernel(), site)
    let total = counts.reduce(0, +)
    guard total > 0 else { return [] }
    var generator = SampleGenerator(seed: seed, partition: 0)
    let drawn = (0..<count).map { _ in Int.random(in: 0..<total, using: &generator) }
    let starts = counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    let wanted = Set(drawn)
    let found = partitionsMapped(
      partitionKernel { partition, elements in
        var index = starts[partition] - 1
        return elements.lazy.compactMap { element -> (Int, Element)? in
          index += 1
          return wanted.contains(index) ? (index, element) : nil
        }
      }, site)
    let elements = Dictionary(try found.collect(site)) { first, _ in first }
    return drawn.compactMap { elements[$0] }
  }
}

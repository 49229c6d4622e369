import MartletCore

extension RDD {
  /// `count` elements, chosen at random, in random order.
  ///
  /// - Parameters:
  ///   - withReplacement: whether an element can come several times; then `count` is at most 2,147,483,647. If not, all
  ///     are returned if there are fewer.
  ///   - seed: chooses the elements; a random one if none is given.
  public func takeSample(
    withReplacement: Bool, _ count: Int, seed: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Element] {
    let site = OperatorSite("takeSample", file, line)
    guard count >= 0 else { throw site.invalidArgument("the number of elements is \(count); it must not be negative.") }
    // They are drawn before, and handed out as one array.
    guard !withReplacement || count <= Int(Int32.max) else {
      throw site.invalidArgument(
        "the number of elements is \(count); with replacement it must be at most \(Int32.max).")
    }
    let seed = seed ?? Int.random(in: .min ... .max)
    if count == 0 { return try take(0, site) }
    return withReplacement ? try takeCopies(count, seed, site) : try takeDistinct(count, seed, site)
  }

  /// Each element gets a random number; those with the smallest ones are taken.
  private func takeDistinct(_ count: Int, _ seed: Int, _ site: OperatorSite) throws -> [Element] {
    let numbered = partitionsMapped(
      partitionKernel { partition, elements in
        var generator = SampleGenerator(seed: seed, partition: partition)
        return elements.lazy.map { element in (generator.next(), element) }
      }, site)
    return try numbered.smallest(count, smallestKernel(count) { $0.0 < $1.0 }, site) { $0.0 < $1.0 }.map(\.1)
  }

  /// A first job counts the elements; a second one takes those whose indices have been drawn.
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

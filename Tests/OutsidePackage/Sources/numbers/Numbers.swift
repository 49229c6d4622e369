import Martlet

/// The numbers up to `count`, a few in each batch.
struct Numbers: ReplayableSource {
  let count: Int
  let batchSize: Int

  func latest(after offset: Int?) -> Int? { min(count, (offset ?? 0) + batchSize) }

  func rdd(after offset: Int?, through last: Int, in context: MartletContext) -> RDD<Int> {
    context.rdd(from: NumberRange(numbers: (offset ?? 0) + 1..<last + 1))
  }
}

/// Numbers in two partitions.
struct NumberRange: PartitionedSource {
  let numbers: Range<Int>

  func partitions() -> [Range<Int>] {
    let middle = numbers.lowerBound + numbers.count / 2
    return [numbers.lowerBound..<middle, middle..<numbers.upperBound]
  }

  func makeReader(_ partition: Range<Int>) -> Reader { Reader(left: partition) }

  struct Reader: PartitionReader {
    var left: Range<Int>

    mutating func read(into writer: inout ElementWriter<Int>) -> Bool {
      while !writer.isFull, let number = left.popFirst() { writer.append(number) }
      return !left.isEmpty
    }
  }
}

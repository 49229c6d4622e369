import MartletCore
import MartletRDD
import Synchronization
import Testing

/// Sources as a program writes them: with only the public interface.
@Suite(.timeLimit(.minutes(30))) struct PartitionedSourceTests {
  private let sc = MartletContext(conf: MartletConf().setMaster("local[2]"))

  /// Numbers in partitions, read in groups.
  private struct Numbers: PartitionedSource {
    var parts: [Range<Int>]
    var step = Int.max

    func partitions() -> [Range<Int>] { parts }

    func makeReader(_ partition: Range<Int>) -> Reader { Reader(left: partition, step: step) }

    struct Reader: PartitionReader {
      var left: Range<Int>
      let step: Int

      mutating func read(into writer: inout ElementWriter<Int>) -> Bool {
        while !writer.isFull, writer.count < step, let number = left.popFirst() { writer.append(number) }
        return !left.isEmpty
      }
    }
  }

  @Test(arguments: [
    [], [0..<0], [0..<1], [0..<3, 3..<3, 3..<10], [0..<1024, 1024..<1025, 1025..<5000], [0..<3000],
  ])
  func `an RDD of a source has its elements, in the order of the partitions`(_ parts: [Range<Int>]) throws {
    let expected = Array(0..<(parts.last?.upperBound ?? 0))
    for step in [1, 7, 1024, Int.max] {
      let rdd = sc.rdd(from: Numbers(parts: parts, step: step))
      #expect(try rdd.collect() == expected)
      #expect(try rdd.getNumPartitions() == parts.count)
      // Again, through a shuffle, and cached.
      let sums = try rdd.map { ($0 % 10, $0) }.reduceByKey(+).collect()
      #expect(sums.map(\.1).reduce(0, +) == expected.reduce(0, +))
      #expect(try rdd.cache().collect() == expected && rdd.collect() == expected)
    }
  }

  /// A source of texts with objects of their own, each of which must be released once.
  private final class Endless: PartitionedSource {
    let read = Atomic(0)
    let ended = Atomic(0)

    func partitions() -> [Int] { [0] }

    func makeReader(_ partition: Int) -> Reader { Reader(self) }

    final class Reader: PartitionReader {
      let source: Endless

      init(_ source: Endless) { self.source = source }

      deinit { source.ended.add(1, ordering: .relaxed) }

      func read(into writer: inout ElementWriter<[Int]>) -> Bool {
        while !writer.isFull { writer.append([source.read.add(1, ordering: .relaxed).newValue]) }
        return true
      }
    }
  }

  @Test func `a partition that is larger than memory is read only as far as necessary, and the reader is released`()
    throws
  {
    let source = Endless()
    #expect(try sc.rdd(from: source).take(2000).last == [2000])
    #expect((2000...4096).contains(source.read.load(ordering: .relaxed)))
    #expect(source.ended.load(ordering: .relaxed) == 1)
  }

  private enum Place: CaseIterable { case partitions, makeReader, read }

  private struct Trouble: Error {}

  /// Throws in one place.
  private struct Failing: PartitionedSource {
    let place: Place
    let error: any Error

    func partitions() throws -> [Int] {
      if place == .partitions { throw error }
      return [0]
    }

    func makeReader(_ partition: Int) throws -> Reader {
      if place == .makeReader { throw error }
      return Reader(errors: [error])
    }

    struct Reader: PartitionReader {
      // An array: Swift 6.3 crashes, with optimization, where one value is either thrown or all that is returned.
      let errors: [any Error]

      mutating func read(into writer: inout ElementWriter<[Int]>) throws -> Bool {
        writer.append(contentsOf: [[1], [2]])
        throw errors[0]
      }
    }
  }

  @Test(arguments: Place.allCases)
  private func `an error of a source fails the action, which names the call that made the RDD`(_ place: Place) throws {
    let rdd = sc.rdd(from: Failing(place: place, error: Trouble()), file: "Program/main.swift", line: 7)
    let failure = try #require(#expect(throws: OperatorFailure.self) { try rdd.collect() })
    #expect(failure.underlying is Trouble)
    #expect("\(failure)".contains("rdd(from: Failing) at Program/main.swift:7"), "\(failure)")
    let own = MartletError(.corruptData, "The header is damaged.")
    let other = sc.rdd(from: Failing(place: place, error: own), file: "Program/main.swift", line: 8)
    let error = try #require(#expect(throws: MartletError.self) { try other.count() })
    #expect(error.code == .corruptData)
    #expect(error.message.contains("rdd(from: Failing) at Program/main.swift:8: The header"), "\(error)")
  }
}
